// Uses the editor of the server as people do, and as those do who send hostile links and data.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { launch, orders, report } from "./browser.mjs";

const { root, chromium, pages, question, payloads } = await orders();
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const all = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
const browser = await launch(chromium);
const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
const foreign = [];
const dialogs = [];
const asked = new Set();

async function open(address) {
  const page = await context.newPage();
  page.on("request", (request) => {
    const url = request.url();
    if (request.method() === "POST") asked.add(url);
    if (!url.startsWith(root) && !url.startsWith("data:") && !url.startsWith("blob:")) foreign.push(url);
  });
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    dialog.dismiss();
  });
  await page.goto(address, { waitUntil: "networkidle" });
  await page.waitForSelector("#editor-rich .CodeMirror", { state: "visible" });
  return page;
}

const text = (page) => page.evaluate(() => document.querySelector("#editor-rich .CodeMirror").CodeMirror.getValue());
const write = (page, query) => page.evaluate((given) => document.querySelector("#editor-rich .CodeMirror").CodeMirror.setValue(given), query);

async function run(page) {
  await page.click("#editor-run");
  await page.waitForFunction(() => document.getElementById("editor-stop").disabled && (document.getElementById("editor-error").textContent || !document.getElementById("editor-answer").hidden));
  await page.waitForTimeout(150);
}

const found = {};
for (const [lang, path] of Object.entries(pages)) {
  const page = await open(root + path.slice(1));
  const marks = () => page.locator("#editor-rich .parseErrorIcon").count();
  const one = { marks: [await marks()] };
  await write(page, "SELECT * { ?s nope:p ?o }");
  await page.waitForTimeout(200);
  one.marks.push(await marks());
  await page.click(`[data-question=${question}]`);
  Object.assign(one, { filled: await text(page) });
  await run(page);
  one.rows = await page.locator("#editor-answer tbody tr").count();
  one.link = new URLSearchParams(new URL(page.url()).hash.slice(1)).get("query");
  one.overflow = {};
  one.violations = [];
  await page.evaluate(axe);
  for (const width of [1200, 360]) {
    await page.setViewportSize({ width, height: 900 });
    await page.waitForTimeout(100);
    one.overflow[width] = await page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));
    const { violations } = await page.evaluate((runOnly) => axe.run({ runOnly }), all);
    for (const { id, nodes } of violations) one.violations.push(...nodes.map((node) => `${id} ${node.target.join(" ")}`));
  }
  await page.setViewportSize({ width: 1200, height: 900 });
  await write(page, "SELECT * { ?s ?p ");
  await run(page);
  one.fault = await page.textContent("#editor-error");
  await write(page, "");
  await page.click("#editor-rich .CodeMirror");
  await page.keyboard.type("SELECT * { ?case a rrm:Disp");
  await page.waitForTimeout(300);
  await page.keyboard.press("Control+Space");
  one.completed = await page.waitForSelector(".CodeMirror-hints li:has-text('rrm:Dispute')", { timeout: 3000 }).then(() => true, () => false);
  await page.close();
  found[lang] = one;
}

asked.clear();
const answers = [];
const look = async (page) => ({
  hit: await page.evaluate(() => window.hit ?? null),
  shown: await page.evaluate(() => document.getElementById("editor-error").textContent !== "" || document.getElementById("editor-answer").textContent !== ""),
});
const link = new URLSearchParams({ query: "SELECT ?s { ?s a rrm:Dispute }", endpoint: "http://evil.example/sparql", requestMethod: "POST", tabTitle: "<img src=x onerror=window.hit=1>", outputFormat: "<img src=x onerror=window.hit=1>" });
const page = await open(`${root}query.html#${link}`);
await run(page);
answers.push(await look(page));
for (const payload of payloads) {
  await write(page, payload);
  await run(page);
  for (const place of await page.locator("#editor-answer tbody a, #editor-answer tbody td").all()) await place.hover({ timeout: 500 }).catch(() => {});
  for (const place of await page.locator("#editor-answer tbody a[href^='javascript']").all()) await place.click({ timeout: 500 }).catch(() => {});
  answers.push(await look(page));
}
const stored = await page.evaluate(() => Object.keys(localStorage));
await browser.close();
report({ ...found, root, hostile: { endpoints: [...asked], answers }, foreign, dialogs, stored });
