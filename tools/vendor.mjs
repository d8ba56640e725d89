// Copies what the browser needs out of node_modules into src/guanxi/web/static/vendor: one file a library, an icon
// sprite of the names in src/guanxi/web/icons.txt, and compressed twins that the server sends instead.
// There is no bundler: every script is one ES module (`import * as echarts`, `import Sortable`, `import TomSelect`).

import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const web = join(root, "src/guanxi/web");
const vendor = join(web, "static/vendor");
const modules = join(root, "node_modules");

const copied = {
  "inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
  "inter-latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
  "echarts.js": "echarts/dist/echarts.esm.min.mjs",
  "sortable.js": "sortablejs/modular/sortable.esm.js",
  "tom-select.js": "tom-select/dist/js/tom-select.complete.min.js",
  "tom-select.css": "tom-select/dist/css/tom-select.min.css",
};
const endings = {
  // Tom Select ships as one file only in the form that sets a global.
  "tom-select.js": "\nexport default globalThis.TomSelect;\n",
};

function text(path) {
  return readFileSync(path, "utf8").replace(/\n?\/[/*]# sourceMappingURL=.*$/gm, "");
}

function sprite(names) {
  const symbols = names.map((name) => {
    const file = join(modules, "@tabler/icons/icons/outline", `${name}.svg`);
    if (!existsSync(file)) throw new Error(`icons.txt: Tabler has no outline called “${name}”`);
    const drawing = readFileSync(file, "utf8")
      .replace(/<!--[\s\S]*?-->/g, "")
      .replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, "")
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
      .replace(/\s*\n\s*/g, "")
      .replace(/ \/>/g, "/>");
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round">${drawing}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}

function write(name, content) {
  const path = join(vendor, name);
  writeFileSync(path, content);
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}

rmSync(vendor, { recursive: true, force: true });
mkdirSync(vendor, { recursive: true });
for (const [name, source] of Object.entries(copied)) {
  const from = join(modules, source);
  if (name.endsWith(".woff2")) cpSync(from, join(vendor, name));
  else write(name, text(from) + (endings[name] ?? ""));
}
const icons = readFileSync(join(web, "icons.txt"), "utf8")
  .split("\n")
  .map((line) => line.trim())
  .filter((line) => line && !line.startsWith("#"));
write("icons.svg", sprite(icons));
console.log(`vendor: ${Object.keys(copied).length} files and ${icons.length} icons`);
