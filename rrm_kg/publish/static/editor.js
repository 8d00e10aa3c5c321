"use strict";
/* The editor of the server: YASGUI's field and table over the plain form, without its tabs, its endpoint box and its own
   links. Only the text of a query is ever taken from an address; the endpoint is that of this server. */

async function start() {
  const at = (id) => document.getElementById(`editor-${id}`);
  const { lang } = document.documentElement;
  const said = JSON.parse(at("said").textContent);
  const answer = await fetch(`/query/editor.json?lang=${lang}`);
  if (!answer.ok) return; // the plain form stays
  const { prefixes, classes, properties, queries } = await answer.json();
  const { Yasqe, Yasr } = Yasgui;

  const known = { class: classes, property: properties, prefixes: Object.entries(prefixes).map(([name, iri]) => `${name}: <${iri}>`) };
  for (const [name, terms] of Object.entries(known)) {
    Object.assign(Yasqe.Autocompleters[name], { get: () => Promise.resolve(terms), bulk: true, persistenceId: null });
  }

  const text = at("text");
  const field = new Yasqe(at("rich"), {
    value: text.value,
    requestConfig: { endpoint: `${location.origin}/sparql`, method: "POST", headers: { "Accept-Language": lang } },
    persistenceId: null,
    consumeShareLink: null,
    createShareableLink: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: "24rem",
    screenReaderLabel: "SPARQL",
    prefixCcApi: null,
  });
  const lines = at("rich").querySelector(".CodeMirror-scroll"); // which scroll, and so must be reached by keyboard
  for (const [name, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", "SPARQL"]]) lines.setAttribute(name, value);
  const table = new Yasr(at("answer"), { prefixes, persistenceId: null });
  const named = () => {
    for (const one of at("answer").querySelectorAll(".tableSizer")) one.setAttribute("aria-label", said.size);
    for (const one of at("answer").querySelectorAll("th.dt-orderable-none")) {
      if (one.textContent === "") one.append(Object.assign(document.createElement("span"), { className: "hidden", textContent: said.row }));
    }
  };
  new MutationObserver(named).observe(at("answer"), { childList: true, subtree: true }); // YASGUI leaves them nameless

  const link = () => (at("link").hash = new URLSearchParams({ query: field.getValue() }).toString());
  const fill = (query) => {
    field.setValue(query);
    at("error").textContent = "";
  };
  const fromAddress = () => {
    const query = new URLSearchParams(location.hash.slice(1)).get("query");
    if (query !== null && query !== field.getValue()) fill(query);
  };
  const settled = (message) => {
    at("stop").disabled = true;
    at("status").textContent = message;
  };
  const fault = (error) => {
    if (error.name === "AbortError") return said.stopped;
    try {
      const { title, detail, where } = JSON.parse(error.message);
      return [title, where, detail].filter(Boolean).join(" – ");
    } catch {
      return said.failed;
    }
  };

  field.on("change", () => {
    text.value = field.getValue();
    link();
  });
  field.on("query", () => {
    at("error").textContent = "";
    at("answer").hidden = true;
    at("stop").disabled = false;
    at("status").textContent = said.running;
    history.replaceState(null, "", `#${link()}`);
    for (const other of document.querySelectorAll(".languages a")) other.hash = at("link").hash;
  });
  field.on("queryResponse", (_, response, duration) => {
    if (response instanceof Error || response instanceof DOMException) {
      settled("");
      at("error").textContent = fault(response);
      return;
    }
    at("answer").hidden = false;
    table.setResponse(response, duration);
    settled(said.answered.replace("{seconds}", (duration / 1000).toLocaleString(lang === "es" ? "es-MX" : "en")));
  });

  const run = () => field.query().catch(() => {}); // told by queryResponse
  at("run").addEventListener("click", run);
  at("stop").addEventListener("click", () => field.abortQuery());
  at("list").addEventListener("click", (event) => {
    const query = queries[event.target.dataset?.question];
    if (query === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    fill(query);
    at("status").textContent = said.chosen;
    at("run").focus();
  });
  addEventListener("hashchange", fromAddress);

  at("plain").hidden = true;
  for (const id of ["rich", "run", "stop", "link", "keys"]) at(id).hidden = false;
  field.refresh();
  fromAddress();
  link();
}

start();
