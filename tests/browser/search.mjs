// Finds something from any page and on the search page, with the keyboard alone.
import { launch, open, orders, report } from "./browser.mjs";

const { root, chromium, start, searches } = await orders();
const browser = await launch(chromium);
const { page, faults } = await open(await browser.newContext(), root);
const answers = {};

async function read() {
  await page.waitForFunction(() => document.getElementById("search-status").textContent !== "");
  return page.evaluate(() => ({
    status: document.getElementById("search-status").textContent,
    names: [...document.querySelectorAll("#search-results a")].map((link) => link.textContent),
    hrefs: [...document.querySelectorAll("#search-results a")].map((link) => link.getAttribute("href")),
  }));
}

async function tabTo(selector) {
  for (let steps = 0; steps < 60; steps += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
  }
  throw new Error(`the Tab key does not lead to ${selector}`);
}

// From the form that every page has.
await page.goto(root + start);
await tabTo(".find input");
await page.keyboard.type(searches[0]);
await page.keyboard.press("Enter");
await page.waitForURL(/search(\.es)?\.html\?q=/);
answers[searches[0]] = await read();

// On the page itself, typing on.
for (const text of searches.slice(1)) {
  await page.evaluate(() => document.getElementById("search-status").replaceChildren());
  await page.focus("#search-text");
  await page.keyboard.press("Control+A");
  await page.keyboard.type(text);
  await page.waitForFunction((wanted) => document.getElementById("search-status").textContent.includes(wanted), text);
  answers[text] = await read();
}
const address = page.url();
await tabTo("#search-results a");
const followed = await page.evaluate(() => document.activeElement.href);
await browser.close();
report({ answers, faults, address, followed });
