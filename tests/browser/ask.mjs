// Chooses a question, a case, and asks, with the keyboard alone.
import { launch, open, orders, report } from "./browser.mjs";

const { root, chromium, start, question, chosen } = await orders();
const browser = await launch(chromium);
const { page, faults } = await open(await browser.newContext({ javaScriptEnabled: true }), root);

async function tabTo(selector) {
  for (let steps = 0; steps < 120; steps += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
  }
  throw new Error(`the Tab key does not lead to ${selector}`);
}

await page.goto(root + start);
const asked = await page.textContent(`main a[href*="${question}"]`);
await tabTo(`main a[href*="${question}"]`);
await Promise.all([page.waitForURL(`**/${question}*`), page.keyboard.press("Enter")]);
await tabTo("form.blanks select");
const name = await page.textContent(`form.blanks option[value="${chosen}"]`);
await page.keyboard.type(name.trim());
await tabTo("form.blanks button");
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
