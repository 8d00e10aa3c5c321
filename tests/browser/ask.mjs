// Chooses a question, a case, and asks, with the keyboard alone.
import { launch, open, orders, report, tabTo } from "./browser.mjs";

const { root, chromium, start, question, chosen } = await orders();
const browser = await launch(chromium);
const { page, faults } = await open(await browser.newContext(), root);

await page.goto(root + start);
const asked = await page.textContent(`main a[href*="${question}"]`);
await tabTo(page, `main a[href*="${question}"]`);
await Promise.all([page.waitForURL(`**/${question}*`), page.keyboard.press("Enter")]);
await tabTo(page, "form.blanks select");
const name = await page.textContent(`form.blanks option[value="${chosen}"]`);
await page.keyboard.type(name.trim());
await tabTo(page, "form.blanks button");
await Promise.all([page.waitForURL(`**/${question}*case=*`), page.keyboard.press("Enter")]);
const found = await page.evaluate(() => ({
  heading: document.querySelector("h1").textContent,
  value: document.querySelector("form.blanks select").value,
  answer: document.querySelector("#answer + p").textContent,
}));
await page.setViewportSize({ width: 360, height: 800 });
const beyond = await page.evaluate(() => {
  const around = document.querySelector("table.stacked").closest(".scroll");
  return around.scrollWidth - around.clientWidth;
});
report({ faults, asked, address: page.url(), beyond, ...found });
await browser.close();
