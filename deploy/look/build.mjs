// Makes services/runtime/http/look/look.css: the parts of the NL Design System component library that our pages use
// (kept.json) with our values for their tokens (tokens.json), and what the library has no component for (houvast.css).
// Tokens are filled in here, or the names alone would be most of the file; what an organisation may set for itself stays
// a custom property (--houvast-…).
// Run with --check it writes nothing and fails where the file that stands there is another.
import { readFileSync, writeFileSync } from "node:fs";
import { transform } from "lightningcss";
import postcss from "postcss";
import parser from "postcss-selector-parser";

const here = (name) => new URL(name, import.meta.url);
const text = (name) => readFileSync(here(name), "utf8");
const kept = new Set(JSON.parse(text("kept.json")).map((name) => `utrecht-${name}`));
const tokens = Object.fromEntries(Object.entries(JSON.parse(text("tokens.json"))).map(([name, value]) => [`--utrecht-${name}`, value]));
const target = here("../../services/runtime/http/look/look.css");
const library = "node_modules/@utrecht/component-library-css";
const version = JSON.parse(text(`${library}/package.json`)).version;
const MOST_BYTES = 60 * 1024;

const unseen = new Set(kept);
const isUsed = (selector) => {
  const found = [];
  selector.walkClasses((part) => found.push(part.value));
  const used = found.length > 0 && found.every((name) => kept.has(name));
  if (used) found.forEach((name) => unseen.delete(name));
  return used;
};
const usedOnly = parser((selectors) => selectors.each((selector) => void (isUsed(selector) || selector.remove())));
const components = postcss.parse(text(`${library}/dist/index.css`));
components.walkAtRules("font-face", (rule) => void rule.remove());
components.walkRules((rule) => {
  if (rule.parent.name?.endsWith("keyframes")) return;
  rule.selector = usedOnly.processSync(rule.selector);
  if (!rule.selector) rule.remove();
});
const set = new Set();
components.walkDecls(/^--/, (declaration) => void set.add(declaration.prop));

// The value with its tokens filled in, or null where one has neither a value of ours nor another to fall back on: such a
// declaration says nothing. What the components set among themselves is left to the browser.
function filled(value) {
  const start = value.search(/(?<![\w-])var\(/);
  if (start < 0) return value;
  let end = start + 4;
  for (let depth = 1; depth > 0; end += 1) depth += { "(": 1, ")": -1 }[value[end]] ?? 0;
  const [name, ...rest] = value.slice(start + 4, end - 1).split(",");
  const other = tokens[name.trim()] ?? (rest.length ? rest.join(",").trim() : null);
  const known = other === null ? null : filled(other);
  const after = filled(value.slice(end));
  const open = set.has(name.trim()) || name.trim().startsWith("--houvast");
  if (after === null || (known === null && !open)) return null;
  return value.slice(0, start) + (open ? `var(${name.trim()}${known === null ? "" : `, ${known}`})` : known) + after;
}

if (unseen.size) throw new Error(`kept.json names what the library does not have: ${[...unseen].join(", ")}`);
components.walkDecls((declaration) => {
  const value = filled(declaration.value);
  if (value === null) declaration.remove();
  else declaration.value = value;
});
const all = `${components}\n${text("houvast.css")}`;
const { code } = transform({ filename: "look.css", code: Buffer.from(all), minify: true });
const banner =
  `/* EUPL-1.2. With parts of @utrecht/component-library-css ${version}: (c) 2020-2024 Frameless B.V.,` +
  ` (c) 2021-2024 Gemeente Utrecht, EUPL-1.2. Made by deploy/look/build.mjs. */\n`;
const made = `${banner}${code}\n`;
if (made.length > MOST_BYTES) throw new Error(`look.css became ${made.length} bytes; at most ${MOST_BYTES}`);
if (!process.argv.includes("--check")) writeFileSync(target, made);
else if (readFileSync(target, "utf8") !== made) throw new Error("look.css is not what deploy/look makes; run npm run build");
console.log(`look.css: ${made.length} bytes`);
