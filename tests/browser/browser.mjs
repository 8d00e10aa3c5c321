// What the drivers share: their orders from standard input, a browser, and what a page did that it must not do.
import { chromium } from "playwright-core";

export async function orders() {
  let text = "";
  for await (const part of process.stdin) text += part;
  return JSON.parse(text);
}

export const report = (found) => process.stdout.write(JSON.stringify(found));

export const launch = (path) => chromium.launch({ executablePath: path, args: ["--no-sandbox", "--disable-gpu"] });

// A page that keeps errors, refusals of the content security policy, and requests beyond its own server.
export async function open(context, root) {
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => message.type() === "error" && faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(root) && !url.startsWith("blob:") && !url.startsWith("data:")) faults.push(`request: ${url}`);
  });
  return { page, faults };
}

// Goes on with the Tab key until what a selector names has the focus.
export async function tabTo(page, selector) {
  for (let steps = 0; steps < 120; steps += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
  }
  throw new Error(`the Tab key does not lead to ${selector}`);
}
