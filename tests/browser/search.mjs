// Finds something from any page and on the search page, with the keyboard alone.
import { launch, open, orders, report, tabTo } from "./browser.mjs";

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

// From the form that every page has.
await page.goto(root + start);
await tabTo(page, ".find input");
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
await tabTo(page, "#search-results a");
const followed = await page.evaluate(() => document.activeElement.href);
await browser.close();
report({ answers, faults, address, followed });
