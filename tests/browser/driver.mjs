// A browser driven by the keyboard alone, and what every page is held to: axe-core, target size, visible focus,
// large text. Asks the test that started it for one-time codes and for time to pass, one line each way.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [origin, modules, pictures] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Asks the test: `code LOGIN`, `wait SECONDS`, `issue`. */
export async function ask(question) {
  console.log(`? ${question}`);
  return (await lines.next()).value;
}

/** Lets the script end: nothing more will be asked. */
export async function close(browser) {
  await browser.close();
  process.stdin.destroy();
}

export function insist(holds, text) {
  if (!holds) throw new Error(text);
}

export async function open() {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--force-prefers-reduced-motion"] });
}

/** An officer at a keyboard: no pointer is ever used. */
export class Officer {
  static async signIn(browser, login, password, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "zh-CN", ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const officer = new Officer(page);
    // What a page may not do unseen: complain, or ask another host for anything.
    // A page that answers with a refusal (409, 404) is a page; what it then fetches has to be there.
    const of_a_part = (message) => message.type() === "error" && message.location().url !== page.url();
    page.on("console", (message) => { if (of_a_part(message)) officer.complaints.push(`console: ${message.text()} ${message.location().url}`); });
    page.on("pageerror", (error) => officer.complaints.push(`error: ${error.message}`));
    page.on("request", (request) => { if (!request.url().startsWith(origin)) officer.complaints.push(`asked ${request.url()}`); });
    await page.goto(origin);
    await officer.fill("login", login);
    await officer.fill("secret_password", password);
    await officer.enter();
    await officer.fill("secret_code", await ask(`code ${login}`));
    await officer.enter();
    insist(new URL(page.url()).pathname === "/", `${login} is not in: ${page.url()}`);
    return officer;
  }

  constructor(page) {
    this.page = page;
    this.complaints = [];
  }

  path() {
    return new URL(this.page.url()).pathname;
  }

  async press(key) {
    await this.page.keyboard.press(key);
  }

  /** Presses Tab until the control has the focus: what cannot be reached this way cannot be used. */
  async reach(wanted) {
    for (let presses = 0; presses < 120; presses += 1) {
      if (await this.page.evaluate((wanted) => document.activeElement?.matches(wanted), wanted)) return;
      await this.press("Tab");
    }
    throw new Error(`Tab does not reach ${wanted} on ${this.page.url()}`);
  }

  async fill(name, text) {
    await this.reach(`[name="${name}"]`);
    const is_choice = await this.page.evaluate(() => document.activeElement.matches("select"));
    if (is_choice) return this.choose(text);
    await this.press("Control+A");
    await this.page.keyboard.type(text);
  }

  /** Moves a choice to its beginning and down to the value. */
  async choose(value) {
    await this.press("Home");
    for (let presses = 0; presses < 40; presses += 1) {
      if ((await this.page.evaluate(() => document.activeElement.value)) === value) return;
      await this.press("ArrowDown");
    }
    throw new Error(`no choice ${value} on ${this.page.url()}`);
  }

  /** Presses Enter, or a shortcut, and waits for the page it leads to. */
  async enter(key = "Enter") {
    const loaded = this.page.waitForNavigation({ waitUntil: "load" });
    await this.press(key);
    await loaded;
  }

  async use(wanted) {
    await this.reach(wanted);
    await this.enter();
  }

  async go(path) {
    await this.page.goto(new URL(path, origin).href);
  }

  /** Waits until the page says it, without being loaded anew. */
  async comesToSay(text) {
    await this.page.waitForFunction((text) => document.body.innerText.includes(text), text);
  }

  async says(text) {
    const body = await this.page.innerText("body");
    insist(body.includes(text), `${this.page.url()} does not say ${text}:\n${body.slice(0, 3000)}`);
  }

  async picture(name) {
    if (!pictures) return;
    // A browser short of time may have nothing to photograph yet.
    for (let tries = 3; ; tries -= 1) {
      try {
        return await this.page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
      } catch (error) {
        if (tries === 1 || !error.message.includes("Unable to capture screenshot")) throw error;
        await this.page.waitForTimeout(500);
      }
    }
  }
}

/** Everything a page is held to, light and dark, with more contrast or not. Returns what is wrong. */
export async function faults(page, looks = LOOKS) {
  const wrong = await page.evaluate(smallTargets);
  await page.evaluate(axe);
  for (const [colorScheme, contrast] of looks) {
    await page.emulateMedia({ colorScheme, contrast });
    wrong.push(...(await axeFaults(page)).map((text) => `${colorScheme} ${contrast} ${text}`));
  }
  await page.emulateMedia({ colorScheme: "light", contrast: "no-preference" });
  wrong.push(...(await focusFaults(page)));
  return wrong;
}

/** Theme and contrast. */
export const LOOKS = [["light", "no-preference"], ["light", "more"], ["dark", "no-preference"], ["dark", "more"]];

async function axeFaults(page) {
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] }));
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `axe ${id}: ${node.html.slice(0, 160)}`));
}

/** At least 44 px, but for links within a sentence and what is not shown. */
function smallTargets() {
  const shown = [...document.querySelectorAll("a, button, input, select, textarea, summary")].filter((element) => {
    const { width, height } = element.getBoundingClientRect();
    return width > 1 && height > 1 && !element.matches(".skip, p a, [type=hidden]");
  });
  const target = (element) => (element.closest("label") ?? element).getBoundingClientRect();
  const small = shown.filter((element) => { const { width, height } = target(element); return height < 43.5 || width < 43.5; });
  return small.map((element) => { const { width, height } = target(element); return `${Math.round(width)}x${Math.round(height)}: ${element.outerHTML.slice(0, 160)}`; });
}

/** Each control that Tab reaches shows it: an outline of at least two pixels. */
async function focusFaults(page) {
  const wrong = [];
  await page.evaluate(() => document.activeElement?.blur());
  for (let presses = 0; presses < 150; presses += 1) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const seen = element.dataset.seen === "yes";
      element.dataset.seen = "yes";
      return { seen, visible: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2, html: element.outerHTML.slice(0, 160) };
    });
    if (!focus || focus.seen) break;
    if (!focus.visible) wrong.push(`no focus: ${focus.html}`);
  }
  return wrong;
}

/** Text at 200 % on 320 px: nothing runs out of the window, nothing is cut off. */
export async function largeTextFaults(page) {
  await page.setViewportSize({ width: 320, height: 800 });
  await page.evaluate(() => { document.documentElement.style.fontSize = "225%"; });
  const wrong = await page.evaluate(() => {
    const wide = document.documentElement.scrollWidth;
    const out = [...document.querySelectorAll("body *")].filter((element) => !element.closest(".unseen, .skip, thead") && element.getBoundingClientRect().right > innerWidth + 1);
    return wide > innerWidth + 1 ? [`${wide} px wide`, ...out.slice(0, 5).map((element) => element.outerHTML.slice(0, 160))] : [];
  });
  await page.evaluate(() => { document.documentElement.style.fontSize = ""; });
  await page.setViewportSize({ width: 1280, height: 860 });
  return wrong;
}

/** Bytes over the wire of a first visit, and milliseconds until something is seen. */
export async function weigh(page) {
  return page.evaluate(async () => {
    const painted = () => performance.getEntriesByName("first-contentful-paint").length > 0;
    for (let frames = 0; frames < 60 && !painted(); frames += 1) await new Promise((then) => requestAnimationFrame(() => setTimeout(then)));
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    return { bytes: entries.reduce((sum, entry) => sum + entry.encodedBodySize, 0), paint: paint ? paint.startTime : 0 };
  });
}

/** The same for a browser that has cached nothing, signed in as the officer: the middle of five visits. */
export async function weighCold(browser, officer, path) {
  const storageState = await officer.page.context().storageState();
  const visits = [];
  for (let visit = 0; visit < 5; visit += 1) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "zh-CN", storageState });
    const page = await context.newPage();
    await page.goto(new URL(path, origin).href, { waitUntil: "load" });
    visits.push(await weigh(page));
    await context.close();
  }
  visits.sort((a, b) => a.paint - b.paint);
  return visits[2];
}

/** One page in both languages: light, dark, with more contrast, on paper, and narrow in large text. */
export async function photograph(officer, login, path) {
  const { page } = officer;
  const name = `${login}${path.replaceAll(/[/?=]/g, "-")}`;
  for (const lang of ["zh", "en"]) {
    await officer.go(`/language?lang=${lang}&back=${encodeURIComponent(path)}`);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await officer.picture(`all/${name}-${lang}-${colorScheme}`);
    }
    await page.emulateMedia({ colorScheme: "light", contrast: "more" });
    await officer.picture(`all/${name}-${lang}-contrast`);
    await page.emulateMedia({ media: "print", contrast: "no-preference" });
    await officer.picture(`all/${name}-${lang}-print`);
    await page.emulateMedia({ media: "screen" });
    await page.setViewportSize({ width: 320, height: 800 });
    await page.evaluate(() => { document.documentElement.style.fontSize = "225%"; });
    await officer.picture(`all/${name}-${lang}-narrow`);
    await page.setViewportSize({ width: 1280, height: 860 });
    await page.emulateMedia({ colorScheme: "light" });
  }
  await officer.go("/language?lang=zh&back=/");
}
