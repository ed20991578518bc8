"use strict";
// Tables sort by a click on a heading and narrow to what is typed; the map comes nearer by its
// buttons, a double click, or the wheel with Ctrl (alone it scrolls the page), and can be moved
// then. Without any of it the page says the same.
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  const worth = (row, i) => {
    const cell = row.cells[i];
    return cell.dataset.n === undefined ? cell.textContent.toLowerCase() : Number(cell.dataset.n);
  };
  heads.forEach((head, i) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const first = head.classList.contains("n") ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      heads.forEach(h => h.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const rows = [...body.rows].map(row => [worth(row, i), row]);
      rows.sort(([a], [b]) => sign * (a < b ? -1 : a > b ? 1 : 0));
      body.append(...rows.map(([, row]) => row));
    });
  });
  if (body.rows.length < 8) continue;
  const input = document.createElement("input");
  input.type = "search";
  input.placeholder = "only with \u2026";
  input.setAttribute("aria-label", "only rows with");
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase();
    for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
  table.closest("section").querySelector("h2").after(input);
}
const map = document.getElementById("map");
if (map) {
  const whole = map.viewBox.baseVal, all = [whole.x, whole.y, whole.width, whole.height];
  let view = [...all], held = null;
  const show = () => {
    view[2] = Math.min(Math.max(view[2], all[2] / 60), all[2]);
    view[3] = view[2] * all[3] / all[2];
    for (const i of [0, 1])
      view[i] = Math.min(Math.max(view[i], all[i]), all[i] + all[i + 2] - view[i + 2]);
    map.setAttribute("viewBox", view.join(" "));
    map.classList.toggle("near", view[2] < all[2]);
    const scale = Math.pow(view[2] / all[2], 0.8);
    for (const dot of map.querySelectorAll("circle")) dot.setAttribute("r", dot.dataset.r * scale);
  };
  const zoom = (x, y, factor) => {
    const wide = Math.min(Math.max(view[2] * factor, all[2] / 60), all[2]);
    view[0] += (view[2] - wide) * x;
    view[1] += (view[3] - wide * all[3] / all[2]) * y;
    view[2] = wide;
    show();
  };
  const at = event => {
    const box = map.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  map.addEventListener("wheel", event => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(...at(event), event.deltaY < 0 ? 0.8 : 1.25);
  }, {passive: false});
  map.addEventListener("dblclick", event => zoom(...at(event), 0.5));
  [["+", "nearer", 0.5], ["\u2212", "farther", 2]].forEach(([sign, label, factor], i) => {
    const button = document.createElement("button");
    button.append(sign);
    button.setAttribute("aria-label", label);
    button.style.top = `${0.6 + 2.3 * i}rem`;
    button.addEventListener("click", () => zoom(0.5, 0.5, factor));
    map.after(button);
  });
  map.addEventListener("pointerdown", event => {
    if (!map.classList.contains("near")) return;
    held = at(event);
    map.setPointerCapture(event.pointerId);
  });
  map.addEventListener("pointerup", () => { held = null; });
  map.addEventListener("pointermove", event => {
    if (!held) return;
    const now = at(event);
    view[0] -= (now[0] - held[0]) * view[2];
    view[1] -= (now[1] - held[1]) * view[3];
    held = now;
    show();
  });
}
document.documentElement.dataset.ready = "yes";
