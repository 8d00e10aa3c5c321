// Asks questions on the query page of a release, which has nothing but a file server behind it.
import { readFile } from "node:fs/promises";
import { launch, open, orders, report } from "./browser.mjs";

const { root, chromium, lang, queries, catalogue } = await orders();
const path = `query${lang === "es" ? ".es" : ""}.html`;
const browser = await launch(chromium);
const { page, faults } = await open(await browser.newContext({ acceptDownloads: true }), root);
let bytes = 0;
page.on("response", async (response) => (bytes += (await response.body().catch(() => "")).length));

const settled = () =>
  page.waitForFunction(() => !document.getElementById("query-form").hasAttribute("aria-busy"), null, { timeout: 60_000 });

async function run() {
  const begun = Date.now();
  await page.click("#query-run");
  await settled();
  const found = await page.evaluate(() => ({
    status: document.getElementById("query-status").textContent,
    error: document.getElementById("query-error").textContent,
    head: [...document.querySelectorAll("#query-result th")].map((cell) => cell.textContent),
    rows: [...document.querySelectorAll("#query-result tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent)),
    links: [...document.querySelectorAll("#query-result a")].map((link) => link.getAttribute("href")),
    focus: document.activeElement.id,
    selection: document.getElementById("query-text").selectionStart,
  }));
  return { ...found, address: page.url(), ms: Date.now() - begun };
}

// Chromium drops every download after the tenth of one second: nobody clicks that fast.
const PACE = 150;
let last = 0;

async function download(form) {
  await page.waitForTimeout(Math.max(0, last + PACE - Date.now()));
  last = Date.now();
  const waiting = page.waitForEvent("download");
  await page.click(`#query-downloads [data-form=${form}]`);
  return readFile(await (await waiting).path(), "utf8");
}

await page.goto(root + path, { waitUntil: "networkidle" });
const running = await page.evaluate(() => JSON.parse(document.getElementById("query-said").textContent).run);
const before = bytes;
const written = [];
for (const text of queries) {
  await page.fill("#query-text", text);
  written.push(await run());
}
const asked = [];
for (const [place, { id, given }] of catalogue.entries()) {
  if (place === 0) await page.goto(`${root}${path}?${new URLSearchParams({ question: id, ...given })}`);
  else {
    await page.evaluate(() => document.getElementById("query-fields").replaceChildren());
    await page.selectOption("#query-question", id);
    for (const [name, value] of Object.entries(given)) await page.selectOption(`#query-field-${name}`, value);
    await page.click("#query-example button");
  }
  await page.waitForFunction((wanted) => new URLSearchParams(document.getElementById("query-link").search).get("question") === wanted, id);
  const answer = await run();
  asked.push({ id, ...answer, json: answer.error ? null : await download("json"), csv: answer.error ? null : await download("csv") });
}

// A query without an end: stopped by hand, and by the limit of the page, whose clock is put forward.
await page.clock.install();
await page.goto(root + path);
await page.fill("#query-text", "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }");
const ended = [];
for (const end of [() => page.keyboard.press("Enter"), () => page.clock.fastForward(10_000)]) {
  await page.click("#query-run");
  await page.waitForFunction(() => document.getElementById("query-stop").disabled === false);
  await page.waitForFunction((run) => document.getElementById("query-status").textContent === run, running);
  await page.focus("#query-stop");
  await end();
  await settled();
  ended.push(await page.evaluate(() => ({ error: document.getElementById("query-error").textContent, focus: document.activeElement.id })));
}
await browser.close();
report({ before, written, asked, ended, faults });
