"use strict";
/* Searches the index of the release as someone types: every word must begin a word of a name, in either language.
   When nothing fits, mistyped words are taken for the nearest ones, and the names that have most of them are offered. */

const SHOWN = 50;
const NEAR = 10; // names offered when nothing fits

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const wordsOf = (text) => fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];

function read([kind, stem, en, es, also]) {
  const called = new Set([...wordsOf(en), ...wordsOf(es)]);
  return { kind, stem, names: { en, es }, folded: [fold(en), fold(es)], called: [...called], also: [...new Set(wordsOf(also))] };
}

/* How many letters must be put in, taken out, changed or swapped to make one word the other; Infinity beyond most. */
function distance(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return Infinity;
  let [before, last] = [[], Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1];
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      if (one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return last[other.length] <= most ? last[other.length] : Infinity;
}

/* The words that a mistyped one may stand for; the word itself where some name has it. */
function meant(word, vocabulary) {
  if (vocabulary.some((known) => known.startsWith(word))) return [word];
  const measured = vocabulary.map((known) => [known, distance(word, known, word.length < 6 ? 1 : 2)]);
  const least = Math.min(...measured.map(([, steps]) => steps));
  return least === Infinity ? [] : measured.filter(([, steps]) => steps === least).map(([known]) => known);
}

function weight(entry, word) {
  if (entry.called.includes(word)) return 4;
  if (entry.also.includes(word)) return 3;
  if (entry.called.some((name) => name.startsWith(word))) return 2;
  return entry.also.some((name) => name.startsWith(word)) ? 1 : 0;
}

/* The entries that have at least so many of the words, each given with its alternatives; the best first. */
function gather(entries, asked, whole, least) {
  const found = [];
  for (const entry of entries) {
    const weights = asked.map((words) => Math.max(0, ...words.map((word) => weight(entry, word))));
    const matched = weights.filter((one) => one > 0).length;
    if (matched < least) continue;
    const named = entry.folded.includes(whole) ? 8 : entry.folded.some((name) => name.startsWith(whole)) ? 4 : 0;
    found.push({ entry, matched, score: named + weights.reduce((sum, one) => sum + one, 0) });
  }
  return found.sort((a, b) => b.matched - a.matched || b.score - a.score || a.entry.kind - b.entry.kind || a.entry.called.length - b.entry.called.length);
}

function search(entries, text) {
  const words = wordsOf(text);
  const whole = fold(text.trim());
  if (words.length === 0) return { near: false, found: [] };
  const found = gather(entries, words.map((word) => [word]), whole, words.length);
  if (found.length > 0) return { near: false, found };
  const vocabulary = [...new Set(entries.flatMap((entry) => [...entry.called, ...entry.also]))];
  const asked = words.map((word) => meant(word, vocabulary));
  return { near: true, found: gather(entries, asked, whole, Math.ceil(words.length / 2)).slice(0, NEAR) };
}

function start() {
  const form = document.getElementById("search-form");
  const input = document.getElementById("search-text");
  const status = document.getElementById("search-status");
  const results = document.getElementById("search-results");
  const said = JSON.parse(document.getElementById("search-said").textContent);
  const lang = document.documentElement.lang;
  let index = null;

  const say = (key, values) => said[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const load = () =>
    (index ??= fetch(form.dataset.index).then(async (answer) => {
      if (!answer.ok) throw new Error(answer.status);
      const { kinds, entries } = await answer.json();
      return { kinds, entries: entries.map(read) };
    }));

  function item(entry, kinds) {
    const line = document.createElement("li");
    const link = document.createElement("a");
    const [path, anchor] = entry.stem.split("#");
    link.href = `${path.split("/").map(encodeURIComponent).join("/")}${lang === "es" ? ".es" : ""}.html${anchor ? `#${anchor}` : ""}`;
    link.textContent = entry.names[lang];
    const kind = document.createElement("span");
    kind.className = "soft";
    kind.textContent = ` ${kinds[entry.kind][lang]}`;
    line.append(link, kind);
    return line;
  }

  async function show() {
    const text = input.value.trim();
    const address = new URL(location.href);
    if (text) address.searchParams.set("q", text);
    else address.searchParams.delete("q");
    history.replaceState(null, "", address);
    for (const other of document.querySelectorAll(".languages a")) other.search = address.search;
    if (!text) {
      results.hidden = true;
      status.textContent = "";
      return;
    }
    try {
      const { kinds, entries } = await load();
      if (text !== input.value.trim()) return; // more was typed meanwhile
      const { near, found } = search(entries, text);
      const shown = found.slice(0, SHOWN);
      results.querySelector("ol").replaceChildren(...shown.map((one) => item(one.entry, kinds)));
      results.hidden = shown.length === 0;
      const key = found.length === 0 ? "none" : near ? "near" : found.length > SHOWN ? "some" : found.length === 1 ? "one" : "many";
      status.textContent = say(key, { count: found.length, shown: SHOWN, text });
    } catch {
      index = null;
      results.hidden = true;
      status.textContent = said.failed;
    }
  }

  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 150); // so that a reader hears one announcement, not one for each letter
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    show();
  });
  form.hidden = false;
  input.value = new URLSearchParams(location.search).get("q") ?? "";
  if (input.value) show();
}

start();
