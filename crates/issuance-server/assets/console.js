// Keyboard and focus: an extra; no task needs it. The keys are shown on the controls they work.
"use strict";

const typing = (element) => element.matches("input, textarea, select, [contenteditable]");
const first = (selector) => document.querySelector(selector);

// F2, F6: the control that names the key. /: search. Alt+S: save. Alt+N: next in queue. Esc: back.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.isComposing) return;
  const act = (element) => {
    if (!element) return;
    event.preventDefault();
    if (element.matches("[data-search]")) element.focus();
    else element.click();
  };
  if (event.altKey) {
    if (event.code === "KeyS") act(first("[data-save]"));
    if (event.code === "KeyN") act(first("[data-next]"));
    return;
  }
  if (/^F\d+$/.test(event.key)) act(first(`[data-key="${event.key}"]`));
  if (event.key === "/" && !typing(event.target)) act(first("[data-search]"));
  if (event.key === "Escape" && !event.target.matches("select")) act(first("[data-back]"));
});

// After an error the summary has the focus; its links go to the fields.
const faults = first("#faults");
if (faults) faults.focus();
document.addEventListener("click", (event) => {
  const link = event.target.closest("#faults a");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  (field.matches("fieldset") ? field.querySelector("input") : field).focus();
});

// A form is sent once, however often the key is pressed.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// Leaving a page with something typed in a form asks first.
let changed = false;
document.addEventListener("input", (event) => { changed = Boolean(event.target.closest("form[data-guard]")) || changed; });
document.addEventListener("submit", () => { changed = false; });
window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });

// The cut of a photo: nudges and arrow keys move it without a page load; the server draws each preview.
const cutter = first("[data-crop]");
if (cutter) {
  const field = (name) => cutter.querySelector(`input[name="${name}"]`);
  const number = (name) => Number(field(name).value) || 0;
  const put = (name, value, low, high) => { field(name).value = Math.min(high, Math.max(low, value)); };
  let drawing;
  const draw = () => {
    clearTimeout(drawing);
    drawing = setTimeout(() => {
      const numbers = ["x", "y", "zoom"].map((name) => `${name}=${number(name)}`);
      cutter.querySelector("img").src = `${cutter.dataset.crop}?${numbers.join("&")}`;
      cutter.querySelector("[data-crop-said]").textContent = ["x", "y", "zoom"].map((name) => `${field(name).labels[0].textContent} ${number(name)}`).join(" · ");
    }, 150);
  };
  // A step is a twentieth of what is seen, as the links without script have it.
  const nudge = ([right, down, closer]) => {
    const step = Math.max(5, Math.floor(5000 / Math.max(100, number("zoom"))));
    put("x", number("x") + right * step, 0, 1000);
    put("y", number("y") + down * step, 0, 1000);
    put("zoom", number("zoom") + closer * 15, 100, 400);
    draw();
  };
  const keys = { ArrowLeft: [-1, 0, 0], ArrowRight: [1, 0, 0], ArrowUp: [0, -1, 0], ArrowDown: [0, 1, 0], "+": [0, 0, 1], "=": [0, 0, 1], "-": [0, 0, -1] };
  cutter.addEventListener("click", (event) => {
    const link = event.target.closest("[data-nudge]");
    if (!link) return;
    event.preventDefault();
    nudge(link.dataset.nudge.split(",").map(Number));
  });
  cutter.addEventListener("keydown", (event) => {
    const by = keys[event.key];
    if (!by || typing(event.target) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    nudge(by);
  });
  cutter.addEventListener("input", draw);
}

// The card desk as it happens: stages by server-sent events; when cards come or go, the board is fetched anew.
const live = () => first("[data-live]");
const show = (selector, is_shown) => { const element = first(selector); if (element) element.hidden = !is_shown; };
const fetch_board = () => {
  const request = new XMLHttpRequest();
  request.responseType = "document";
  request.onload = () => {
    const fresh = request.response && request.response.querySelector("[data-live]");
    if (!fresh) return;
    const focused = live().contains(document.activeElement) && document.activeElement.getAttribute("href");
    live().replaceWith(document.importNode(fresh, true));
    const again = focused && [...live().querySelectorAll("a")].find((link) => link.getAttribute("href") === focused);
    if (again) again.focus();
  };
  request.open("GET", location.pathname);
  request.send();
};
if (live()) {
  const stream = new EventSource(live().dataset.live);
  stream.onopen = () => { show("[data-live-on]", true); show("[data-live-off]", false); };
  stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) { show("[data-live-on]", false); show("[data-live-off]", true); } };
  stream.onmessage = (event) => {
    const { jobs, ...tally } = JSON.parse(event.data);
    const rows = [...live().querySelectorAll("[data-job]")];
    const is_same = rows.length === jobs.length && jobs.every((job, at) => rows[at].dataset.job === String(job.id));
    const issued = live().querySelector('[data-tally="issued"]').textContent;
    if (!is_same || issued !== String(tally.issued)) return fetch_board();
    for (const [name, count] of Object.entries(tally)) live().querySelector(`[data-tally="${name}"]`).textContent = count;
    jobs.forEach((job, at) => {
      const badge = rows[at].querySelector(".badge");
      badge.className = `badge ${job.style}`;
      badge.textContent = job.word;
      rows[at].querySelector("progress").value = job.done;
      rows[at].querySelector("[data-serial]").textContent = job.serial;
    });
  };
}
