// Brings the parts of a page that are marked data-vers up to date, and leaves everything else as it is: the place where
// somebody reads, what has the focus, what was typed. Without this script a page says what was so when it was asked for.
(() => {
  const EVERY_MS = 15000;
  const stand = document.getElementById("stand");
  const button = document.getElementById("pauze");
  let live = true;
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      live = !live;
      button.textContent = live ? "Pauzeer verversen" : "Hervat verversen";
    });
  }
  const links = (part, href) => [...part.querySelectorAll("a")].filter((link) => link.getAttribute("href") === href);
  const held = (part) => {
    const at = document.activeElement;
    if (!at || !part.contains(at)) return null;
    const href = at.getAttribute("href");
    return { id: at.id, href, number: href ? links(part, href).indexOf(at) : 0 };
  };
  const typing = (part) => part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
  const giveBack = (part, place) => {
    const same = place.id ? [document.getElementById(place.id)] : place.href ? links(part, place.href) : [];
    const found = same[place.number] ?? same[0];
    if (found) found.focus({ preventScroll: true });
    else document.getElementById("inhoud").focus({ preventScroll: true });
  };
  const swap = (page) => {
    for (const part of document.querySelectorAll("[data-vers]")) {
      const fresh = page.getElementById(part.id);
      if (!fresh || typing(part) || fresh.innerHTML === part.innerHTML) continue;
      const place = held(part);
      const open = [...part.querySelectorAll("details[open][id]")].map((found) => found.id);
      part.replaceWith(fresh);
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      if (place) giveBack(fresh, place);
    }
    document.title = page.title;
  };
  const look = async () => {
    if (!live || document.hidden) return;
    try {
      const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
      if (answer.redirected) { location.href = answer.url; return; }
      if (!answer.ok) throw new Error(String(answer.status));
      swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { if (stand) stand.textContent = "Geen verbinding met Houvast. Wat hier staat, is niet vers."; }
  };
  setInterval(look, EVERY_MS);
  document.addEventListener("visibilitychange", look);
})();
