// Every page of every role: axe-core in light, dark and more contrast, targets, focus, large text, silence in the
// console, no other host. Prints what is wrong, one line each, then what a page weighs and when it is seen.
// With ZHENGKA_PICTURES=all each page is also photographed, for eyes.
import { Officer, ask, close, faults, insist, largeTextFaults, open, photograph, weigh, weighCold, LOOKS } from "./driver.mjs";

const password = "three old elms, two magpies";
const plan = JSON.parse(await ask("plan"));
const browser = await open();
let [wrong, looked] = [[], 0];
const [weights, seen] = [[], new Set()];
// The first page of a day, a form, and a case with its certificate.
const cold = { clerk: ["/", "/applications/new", "/applications/5"] };
try {
  for (const [login, paths] of Object.entries(plan)) {
    const officer = await Officer.signIn(browser, login, password, { bypassCSP: true });
    for (const path of paths) {
      await ask("wait 60");
      await officer.go(path);
      looked += 1;
      weights.push({ path, ...(await weigh(officer.page)) });
      // Colours follow from elements and classes: a page built of the same ones was seen in every theme before.
      const built = await officer.page.evaluate(() => [...document.querySelectorAll("*")].map((one) => `${one.tagName}.${one.className}`).join());
      const looks = seen.has(built) ? LOOKS.slice(0, 1) : LOOKS;
      seen.add(built);
      wrong.push(...(await faults(officer.page, looks)).map((text) => `${login} ${path}: ${text}`));
      wrong.push(...(await largeTextFaults(officer.page)).map((text) => `${login} ${path} large text: ${text}`));
      wrong.push(...officer.complaints.splice(0).map((text) => `${login} ${path} ${text}`));
      if (process.env.ZHENGKA_PICTURES === "all") await photograph(officer, login, path);
    }
    for (const path of cold[login] ?? []) {
      const { bytes, paint } = await weighCold(browser, officer, path);
      console.log(`cold cache, ${path}: ${bytes} bytes with style and script, first paint after ${Math.round(paint)} ms`);
      insist(paint > 0, `${path} is never painted`);
    }
    await officer.page.context().close();
  }
} finally {
  await close(browser);
}
const middle = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
const heaviest = weights.reduce((a, b) => (a.bytes > b.bytes ? a : b));
console.log(`${looked} pages; middle ${middle(weights.map(({ bytes }) => bytes))} bytes with style and script, heaviest ${heaviest.bytes} (${heaviest.path}); first paint after ${Math.round(middle(weights.map(({ paint }) => paint)))} ms in the middle`);
insist(looked >= 60, `only ${looked} pages`);
insist(wrong.length === 0, [...new Set(wrong)].slice(0, 60).join("\n"));
