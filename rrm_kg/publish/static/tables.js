// Lets a reader sort and filter a table that is complete without this script. What is chosen stands in the address.
"use strict";

for (const finder of document.querySelectorAll("[data-table]")) {
  const table = document.getElementById(finder.dataset.table);
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const fields = [...finder.querySelectorAll("[data-filter]")];
  const headings = [...table.tHead.rows[0].cells].filter((cell) => cell.dataset.sort);
  const status = finder.querySelector("[role=status]");
  const compare = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: "base" }).compare;
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const words = new Map(rows.map((row) => [row, plain(row.textContent)]));
  const order = { column: "", down: false };

  const fits = (row) => fields.every((field) => {
    const wanted = field.value;
    if (!wanted) return true;
    if (field.dataset.filter === "text") return plain(wanted).split(/\s+/).every((word) => words.get(row).includes(word));
    return row.dataset[field.dataset.filter].split("|").includes(wanted);
  });

  const key = (row, cell) => row.cells[cell.cellIndex].dataset.value ?? row.cells[cell.cellIndex].textContent.trim();

  function arrange() {
    const by = headings.find((cell) => cell.dataset.sort === order.column);
    for (const cell of headings) {
      if (cell === by) cell.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    }
    const sorted = !by ? rows : [...rows].sort((one, other) => {
      const [a, b] = [key(one, by), key(other, by)];
      if (!a || !b) return (a ? 0 : 1) - (b ? 0 : 1); // what is not known comes last either way
      return order.down ? compare(b, a) : compare(a, b);
    });
    body.append(...sorted);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !fits(row);
      shown += row.hidden ? 0 : 1;
    }
    status.textContent = shown ? finder.dataset.some.replace("#", shown).replace("##", rows.length) : finder.dataset.none;
  }

  function remember() {
    const query = new URLSearchParams(location.search);
    for (const field of fields) {
      if (field.value) query.set(field.name, field.value);
      else query.delete(field.name);
    }
    if (order.column) query.set("sort", (order.down ? "-" : "") + order.column);
    else query.delete("sort");
    const text = query.toString();
    history.replaceState(null, "", location.pathname + (text ? `?${text}` : "") + location.hash);
  }

  function recall() {
    const query = new URLSearchParams(location.search);
    for (const field of fields) field.value = query.get(field.name) ?? "";
    for (const field of fields) if (field.selectedIndex === -1) field.value = "";
    const sort = query.get("sort") ?? "";
    order.down = sort.startsWith("-");
    order.column = sort.replace("-", "");
  }

  function changed() {
    arrange();
    remember();
  }

  for (const cell of headings) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...cell.childNodes);
    cell.append(button);
    button.addEventListener("click", () => {
      order.down = order.column === cell.dataset.sort && !order.down;
      order.column = cell.dataset.sort;
      changed();
    });
  }
  for (const field of fields) field.addEventListener("input", changed);
  finder.querySelector("[data-reset]").addEventListener("click", () => {
    for (const field of fields) field.value = "";
    order.column = "";
    order.down = false;
    changed();
  });
  addEventListener("popstate", () => { recall(); arrange(); });
  finder.hidden = false;
  recall();
  arrange();
}
