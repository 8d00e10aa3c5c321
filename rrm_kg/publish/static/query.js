"use strict";
/* The query page: examples from the catalogue, a worker that answers, tables, downloads and links. Nothing heavy is
   loaded before the first query is run. */

const LIMIT = 10; // seconds that a query may take
const SHOWN = 500; // rows in the table; a download has them all
const FORMS = new Set(["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]);
const XSD = "http://www.w3.org/2001/XMLSchema#";

/* The tokens of a query that may hold what looks like another: comments, IRIs, strings; then variables and words. */
const TOKEN =
  /#[^\n\r]*|<[^<>"{}|^`\\\x00-\x20]*>|"""(?:[^"\\]|\\.|"(?!""))*"""|'''(?:[^'\\]|\\.|'(?!''))*'''|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'|[?$](?<variable>[\p{L}\p{N}_]+)|[\p{L}\p{N}_.-]*:[\p{L}\p{N}_.:%-]*|(?<word>[\p{L}_][\p{L}\p{N}_]*)/gsu;

const bind = (query, terms) =>
  query.replace(TOKEN, (token, ...rest) => terms[rest.at(-1).variable] ?? token);

function nature(query) {
  const words = [...query.matchAll(TOKEN)].flatMap((found) => found.groups.word?.toUpperCase() ?? []);
  return {
    form: words.find((word) => FORMS.has(word)) ?? null,
    union: !words.includes("FROM"),
    ordered: words.some((word, at) => word === "ORDER" && words[at + 1] === "BY"),
  };
}

function term(type, text) {
  if (type === "date") return `"${text}"^^<${XSD}date>`;
  if (type === "integer") return `"${text}"^^<${XSD}integer>`;
  if (type === "string") return JSON.stringify(text);
  return `<${text}>`;
}

function csv({ head, results }) {
  const field = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const cell = (one) => (one === undefined ? "" : field(one.type === "bnode" ? `_:${one.value}` : one.value));
  const lines = [head.vars.map(field), ...results.bindings.map((row) => head.vars.map((name) => cell(row[name])))];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function start() {
  const at = (id) => document.getElementById(`query-${id}`);
  const place = document.getElementById("query");
  const { base, prefixes, catalogue, dump, worker: script } = place.dataset;
  const said = JSON.parse(at("said").textContent);
  const lang = document.documentElement.lang;
  const number = new Intl.NumberFormat(lang === "es" ? "es-MX" : "en");
  const text = at("text");

  let worker = null;
  let timer = null;
  let running = null; // the text that is being answered
  let questions = null;
  let chosen = null; // the question whose query stands in the field: its text, address and columns
  let latest = null; // the answer that a download gives

  const say = (key, values) => said[key].replace(/\{(\w+)\}/g, (blank, name) => values[name] ?? blank);
  const shorten = (iri) => {
    const found = [...prefixes.matchAll(/PREFIX (\S+) <(\S+)>/g)].find(([, , space]) => iri.startsWith(space) && iri !== space);
    return found ? found[1] + iri.slice(found[2].length) : iri;
  };

  /* ---- examples */

  const load = () =>
    (questions ??= fetch(catalogue).then((answer) => {
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      return answer.json();
    }));

  function field(parameter, things) {
    const id = `query-field-${parameter.name}`;
    const line = element("p", "");
    const options = things[parameter.type];
    const input = element(options ? "select" : "input", "", { id, name: parameter.name });
    if (options) {
      if (parameter.default === null) input.append(element("option", said.any, { value: "" }));
      for (const one of [...options].sort((a, b) => a[lang].localeCompare(b[lang], lang))) input.append(element("option", one[lang], { value: one.iri }));
    } else input.type = { date: "date", integer: "number" }[parameter.type] ?? "text";
    input.required = parameter.default !== null;
    fill(input, parameter.default);
    line.append(element("label", parameter.label[lang], { for: id }), input);
    return line;
  }

  function fill(input, value) {
    if (value === null) return;
    const options = [...(input.options ?? [])];
    input.value = options.find((one) => one.value === value || one.value.endsWith(`/${value}`))?.value ?? value;
  }

  async function choose(id, given = new URLSearchParams()) {
    at("chosen").textContent = "";
    try {
      const { questions: all, things } = await load();
      const question = all.find((one) => one.id === id);
      at("fields").replaceChildren(...(question?.parameters ?? []).map((one) => field(one, things)));
      for (const [name, value] of given) {
        const input = document.getElementById(`query-field-${name}`);
        if (input) fill(input, value);
      }
      return question;
    } catch (error) {
      questions = null;
      at("chosen").textContent = say("no-catalogue", { detail: error.message });
      return undefined;
    }
  }

  function insert(question) {
    const terms = { lang: JSON.stringify(lang) };
    const address = new URLSearchParams({ question: question.id });
    for (const one of question.parameters) {
      const value = document.getElementById(`query-field-${one.name}`).value;
      if (value === "") continue;
      terms[one.name] = term(one.type, value);
      address.set(one.name, value.startsWith(base) ? value.split("/").at(-1) : value);
    }
    text.value = `# ${question.question[lang]}\n${bind(question.query, terms)}`;
    chosen = { text: text.value, address: `?${address}`, columns: question.columns };
    link();
  }

  /* ---- running */

  function link() {
    const address = chosen?.text === text.value ? chosen.address : `?${new URLSearchParams({ query: text.value })}`;
    at("link").search = address;
    return address;
  }

  function done(message) {
    clearTimeout(timer);
    running = null;
    at("status").textContent = message;
    if (document.activeElement === at("stop")) at("run").focus();
    at("stop").disabled = true;
    at("form").removeAttribute("aria-busy");
  }

  function fail(message) {
    done("");
    at("error").textContent = message;
  }

  function end(message) {
    worker?.terminate();
    worker = null;
    fail(message);
  }

  function run() {
    if (running !== null) return;
    const query = text.value;
    const kind = nature(query);
    at("error").textContent = "";
    at("answer").hidden = true;
    at("status").textContent = "";
    const address = link();
    history.replaceState(null, "", address);
    for (const other of document.querySelectorAll(".languages a")) other.search = address;
    if (kind.form === null) return fail(said.form);
    try {
      worker ??= begin();
    } catch {
      return end(said["no-worker"]);
    }
    running = query;
    at("stop").disabled = false;
    at("form").setAttribute("aria-busy", "true");
    worker.postMessage({ ...kind, text: prefixes + query, dump: new URL(dump, location.href).href, base, lang, shown: SHOWN });
  }

  function begin() {
    const begun = new Worker(script, { type: "module" });
    begun.onerror = (event) => end(event.message ? say("unloaded", { detail: event.message }) : said["no-worker"]);
    begun.onmessage = ({ data }) => hear[data.kind](data);
    return begun;
  }

  const hear = {
    stage({ name }) {
      at("status").textContent = said[name];
      if (name === "run") timer = setTimeout(() => end(say("late", { seconds: LIMIT })), LIMIT * 1000);
    },
    unloaded: ({ detail }) => end(say("unloaded", { detail })),
    failed({ detail }) {
      const found = /error at (\d+):(\d+): ?([^]*)/.exec(detail);
      if (found === null) {
        // After a fault of its own the engine cannot be relied on.
        return /unreachable|memory|recursion|stack/i.test(detail) ? end(say("failed", { detail })) : fail(say("failed", { detail }));
      }
      const line = Number(found[1]);
      const column = Number(found[2]) - (line === 1 ? prefixes.length : 0);
      const lines = running.split("\n");
      const source = lines[line - 1] ?? "";
      const near = source.slice(column - 1).trim().slice(0, 40) || `${source.trimEnd().slice(-30)} …`;
      // What the engine expected instead would be a list of half its grammar.
      const more = found[3].startsWith("expected") ? "" : ` ${say("engine-says", { detail: found[3].split("\n")[0] })}`;
      fail(say("syntax", { line, column, near }) + more);
      const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
      text.focus();
      text.setSelectionRange(before + column - 1, before + column);
    },
    answer(data) {
      const query = running;
      const seconds = number.format(Math.round(data.took) / 1000);
      const count = data.tree?.results.bindings.length ?? data.lines?.length ?? 0;
      const key = "truth" in data ? (data.truth ? "yes" : "no") : data.lines ? "triples" : count === 0 ? "none" : count === 1 ? "one" : count > SHOWN ? "some" : "rows";
      const first = data.loading === null ? "" : ` ${say("first", { first: number.format(Math.round(data.loading / 100) / 10) })}`;
      done(say(key, { seconds, count: number.format(count), shown: SHOWN }) + first);
      latest = data;
      draw(data, chosen?.text === query ? chosen.columns : {});
    },
  };

  /* ---- answers */

  function draw(data, columns) {
    const forms = data.tree ? ["csv", "json"] : data.lines ? ["nt"] : [];
    for (const button of at("downloads").children) button.hidden = !forms.includes(button.dataset.form);
    at("answer").hidden = forms.length === 0;
    if (data.lines) at("result").replaceChildren(element("pre", data.lines.slice(0, SHOWN).join("\n")));
    if (!data.tree) return;
    const names = data.tree.head.vars;
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    for (const name of names) head.append(element("th", columns[name]?.[lang] ?? name, { scope: "col" }));
    const body = table.createTBody();
    for (const row of data.tree.results.bindings.slice(0, SHOWN)) {
      const line = body.insertRow();
      for (const name of names) {
        const made = line.insertCell();
        made.append(cell(row[name], data.known));
        if (/^[\d.-]{1,12}$/.test(row[name]?.value)) made.className = "short";
      }
    }
    at("result").replaceChildren(table);
  }

  function cell(one, known) {
    if (one === undefined) return "";
    const { value } = one;
    if (one.type === "uri" && value.startsWith(base)) {
      const name = known[value]?.name ?? shorten(value);
      const path = page(value, known[value]?.written);
      return path === null ? element("span", name, { title: value }) : element("a", name, { href: path, title: value });
    }
    if (/^https?:\/\/\S+$/.test(value)) return element("a", one.type === "uri" ? shorten(value) : value, { href: value });
    return one["xml:lang"] ? element("span", value, { lang: one["xml:lang"] }) : value;
  }

  /* The page of a thing of ours, or null where it has none. */
  function page(iri, written) {
    const [path, anchor] = iri.slice(base.length).split("#");
    const thing = /^(id|code)\//.test(path) && anchor === undefined && written;
    const part = (path === "ontology" || path === "shapes") && anchor !== undefined;
    if (!thing && !part) return null;
    return `${path.split("/").map(encodeURIComponent).join("/")}${lang === "es" ? ".es" : ""}.html${part ? `#${anchor}` : ""}`;
  }

  function download(form) {
    const made = {
      csv: () => [csv(latest.tree), "text/csv"],
      json: () => [`${JSON.stringify(latest.tree, null, 1)}\n`, "application/sparql-results+json"],
      nt: () => [`${latest.lines.join("\n")}\n`, "application/n-triples"],
    };
    const [content, type] = made[form]();
    const address = URL.createObjectURL(new Blob([content], { type }));
    element("a", "", { href: address, download: `answer.${form}` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  /* ---- the page */

  at("question").addEventListener("change", () => choose(at("question").value));
  at("example").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { questions: all } = await load();
    insert(all.find((one) => one.id === at("question").value));
    at("chosen").textContent = said.asked;
    at("run").focus();
  });
  at("form").addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  at("stop").addEventListener("click", () => end(said.stopped));
  at("downloads").addEventListener("click", (event) => event.target.dataset.form && download(event.target.dataset.form));
  text.addEventListener("input", link);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) at("form").requestSubmit();
  });

  const given = new URLSearchParams(location.search);
  place.hidden = false;
  link();
  if (given.has("query")) {
    text.value = given.get("query");
    link();
  } else if (given.has("question")) {
    at("question").value = given.get("question");
    choose(given.get("question"), given).then((question) => question && insert(question));
  }
}

start();
