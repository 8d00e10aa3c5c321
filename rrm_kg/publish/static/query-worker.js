/* Holds the data of the release in a SPARQL engine and answers. The page ends this worker when it takes too long. */

let engine = null;
let store = null;

const stage = (name) => postMessage({ kind: "stage", name });

async function ready(dump) {
  stage("engine");
  engine = await import("./engine/web.js");
  await engine.default();
  stage("data");
  const answer = await fetch(dump);
  if (!answer.ok) throw new Error(`${dump}: HTTP ${answer.status}`);
  let bytes = new Uint8Array(await answer.arrayBuffer());
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    // Some servers say that the file is packed, and the browser has unpacked it already.
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    bytes = new Uint8Array(await new Response(plain).arrayBuffer());
  }
  stage("load");
  const filled = new engine.Store();
  filled.load(bytes, { format: "application/n-quads", no_transaction: true, unchecked: true });
  store = filled;
}

const key = (term) => (term ? `${term.type} ${term.value} ${term["xml:lang"] ?? ""} ${term.datatype ?? ""}` : "");

/* What each IRI among some terms is called, and whether a file of the release describes it, so that it has a page. */
function known(terms, base, lang) {
  const found = {};
  const label = engine.namedNode(`${base}ontology#displayLabel`);
  const made = [`${base}graph/derived`, `${base}graph/inferred`];
  for (const term of terms) {
    if (term?.type !== "uri" || !term.value.startsWith(base) || term.value in found) continue;
    const node = engine.namedNode(term.value);
    const names = store.match(node, label, null, null).map((quad) => quad.object);
    const written = store.match(node, null, null, null).some((quad) => !made.some((graph) => quad.graph.value.startsWith(graph)));
    found[term.value] = { name: names.find((name) => name.language === lang)?.value ?? null, written };
  }
  return found;
}

function answer({ text, form, union, ordered, base, lang, shown }) {
  const options = { use_default_graph_as_union: union };
  if (form === "ASK") return { truth: store.query(text, options) };
  if (form !== "SELECT") {
    const written = store.query(text, { ...options, results_format: "application/n-triples" });
    return { lines: [...new Set(written.split("\n").filter(Boolean))].sort() };
  }
  const tree = JSON.parse(store.query(text, { ...options, results_format: "application/sparql-results+json" }));
  const names = tree.head.vars;
  const rows = tree.results.bindings;
  if (!ordered) {
    const keys = new Map(rows.map((row) => [row, names.map((name) => key(row[name])).join("\n")]));
    rows.sort((a, b) => (keys.get(a) < keys.get(b) ? -1 : keys.get(a) > keys.get(b) ? 1 : 0));
  }
  return { tree, known: known(rows.slice(0, shown).flatMap((row) => Object.values(row)), base, lang) };
}

onmessage = async ({ data }) => {
  const begun = performance.now();
  let loading = null;
  try {
    if (store === null) {
      await ready(data.dump);
      loading = performance.now() - begun;
    }
  } catch (error) {
    postMessage({ kind: "unloaded", detail: error.message ?? String(error) });
    return;
  }
  stage("run");
  const asked = performance.now();
  try {
    const found = answer(data);
    postMessage({ kind: "answer", ...found, loading, took: performance.now() - asked });
  } catch (error) {
    postMessage({ kind: "failed", detail: error.message ?? String(error) });
  }
};
