// Opens pages at some widths, light and dark, and reports faults, overflow and what axe finds.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { launch, open, orders, report } from "./browser.mjs";

const { root, paths, widths, chromium, shots } = await orders();
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const browser = await launch(chromium);
const found = [];
for (const colorScheme of ["light", "dark"]) {
  // The policy of the page must not keep the checker out; it is tested without it.
  const strict = await browser.newContext({ colorScheme });
  const checked = await browser.newContext({ colorScheme, bypassCSP: true });
  for (const path of paths) {
    for (const width of widths) {
      const where = { path, width, colorScheme };
      if (colorScheme === "light") {
        const { page, faults } = await open(strict, root);
        await page.setViewportSize({ width, height: 800 });
        await page.goto(root + path, { waitUntil: "load" });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (wide > 0) faults.push(`wider than the window by ${wide} px`);
        found.push(...faults.map((fault) => ({ ...where, fault })));
        await page.close();
      }
      const { page } = await open(checked, root);
      await page.setViewportSize({ width, height: 800 });
      await page.goto(root + path, { waitUntil: "load" });
      await page.evaluate(axe);
      const { violations } = await page.evaluate((values) => axe.run({ runOnly: { type: "tag", values } }), tags);
      for (const { id, help, nodes } of violations) found.push({ ...where, fault: `axe ${id}: ${help}`, at: nodes.slice(0, 3).map((node) => node.target.join(" ")) });
      if (shots) await page.screenshot({ path: `${shots}/${path.replaceAll("/", "_")}-${width}-${colorScheme}.png`, fullPage: false });
      await page.close();
    }
  }
  await strict.close();
  await checked.close();
}
await browser.close();
report(found);
