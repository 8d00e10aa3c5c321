"use strict";
/* Searches the index of the release as someone types: every word must begin a word of a name, in either language.
   When nothing fits, the names that look most alike are offered. */

const SHOWN = 50;
const ALIKE = 0.45; // of the letters in threes; below that two words have little in common

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const wordsOf = (text) => fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];

function threes(word) {
  const padded = ` ${word} `;
  return new Set(Array.from({ length: padded.length - 2 }, (_, at) => padded.slice(at, at + 3)));
}

function alike(one, other) {
  let shared = 0;
  for (const three of one) if (other.has(three)) shared += 1;
  return (2 * shared) / (one.size + other.size);
}

function read([kind, stem, en, es, also]) {
  return { kind, stem, names: { en, es }, folded: [fold(en), fold(es)], called: [...new Set([...wordsOf(en), ...wordsOf(es)])], also: [...new Set(wordsOf(also))] };
}

function fitting(entry, asked, whole) {
  let score = entry.folded.includes(whole) ? 8 : entry.folded.some((name) => name.startsWith(whole)) ? 4 : 0;
  for (const word of asked) {
    if (entry.called.includes(word)) score += 4;
    else if (entry.also.includes(word)) score += 3;
    else if (entry.called.some((name) => name.startsWith(word))) score += 2;
    else if (entry.also.some((name) => name.startsWith(word))) score += 1;
    else return 0;
  }
  return score;
}

function likeness(entry, asked) {
  entry.threes ??= [...entry.called, ...entry.also].map(threes);
  const best = asked.map((word) => Math.max(0, ...entry.threes.map((other) => alike(word, other))));
  return best.reduce((sum, one) => sum + one, 0) / best.length;
}

function search(entries, text) {
  const asked = wordsOf(text);
  const whole = fold(text.trim());
  const best = (measure, least) =>
    entries
      .map((entry, at) => ({ entry, at, score: measure(entry) }))
      .filter((one) => one.score >= least)
      .sort((a, b) => b.score - a.score || a.entry.kind - b.entry.kind || a.at - b.at);
  if (asked.length === 0) return { near: false, found: [] };
  const found = best((entry) => fitting(entry, asked, whole), 1);
  if (found.length > 0) return { near: false, found };
  const broken = asked.map(threes);
  return { near: true, found: best((entry) => likeness(entry, broken), ALIKE).slice(0, 10) };
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
