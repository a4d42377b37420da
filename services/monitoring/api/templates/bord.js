(() => {
  const button = document.getElementById("pauze");
  let live = true;
  button.hidden = false;
  button.addEventListener("click", () => {
    live = !live;
    button.textContent = live ? "Pauzeer verversen" : "Hervat verversen";
    button.setAttribute("aria-pressed", String(!live));
  });
  // whoever is at a link or table stays there: the new page has the same ones
  const links = (section, href) => [...section.querySelectorAll("a")].filter((link) => link.getAttribute("href") === href);
  const placeOf = (focused) => {
    const section = focused.closest("main section");
    if (!section) return null;
    const href = focused.getAttribute("href");
    const heading = section.getAttribute("aria-labelledby");
    return { heading, href, number: href ? links(section, href).indexOf(focused) : 0 };
  };
  const returnTo = (place) => {
    const section = place && document.querySelector(`main section[aria-labelledby="${place.heading}"]`);
    if (!section) return;
    const same = place.href ? links(section, place.href) : [section];
    (same[place.number] ?? same[0])?.focus({ preventScroll: true });
  };
  setInterval(async () => {
    if (!live || document.hidden) return;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (answer.redirected) { location.href = answer.url; return; }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const place = placeOf(document.activeElement);
      document.querySelector("main").replaceWith(page.querySelector("main"));
      document.getElementById("nu").replaceWith(page.getElementById("nu"));
      returnTo(place);
    } catch { document.getElementById("nu").textContent = "geen verbinding met Houvast"; }
  }, 3000);
})();
