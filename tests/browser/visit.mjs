// Opens pages once each, looks at them at some widths, light and dark, and reports faults, overflow and what axe finds.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { launch, open, orders, report } from "./browser.mjs";

const { root, paths, widths, chromium, shots } = await orders();
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const all = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
const colours = { type: "rule", values: ["color-contrast", "link-in-text-block"] };
const browser = await launch(chromium);
const context = await browser.newContext();
const found = [];
for (const path of paths) {
  const { page, faults } = await open(context, root);
  await page.setViewportSize({ width: widths[0], height: 800 });
  await page.goto(root + path, { waitUntil: "load" });
  found.push(...faults.map((fault) => ({ path, fault })));
  await page.evaluate(axe);
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) found.push({ path, width, fault: `wider than the window by ${wide} px` });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      // Dark pages differ in their colours alone, and these hardly in their width.
      const looks = colorScheme === "light" ? all : width === widths[0] ? colours : null;
      const { violations } = looks ? await page.evaluate((runOnly) => axe.run({ runOnly }), looks) : { violations: [] };
      for (const { id, help, nodes } of violations) {
        found.push({ path, width, colorScheme, fault: `axe ${id}: ${help}`, at: nodes.slice(0, 3).map((node) => node.target.join(" ")) });
      }
      if (shots) await page.screenshot({ path: `${shots}/${path.replaceAll("/", "_")}-${width}-${colorScheme}.png` });
    }
  }
  await page.close();
}
await browser.close();
report(found);
