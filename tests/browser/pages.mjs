// Every page of every role, in both themes: axe-core, targets, focus, large text. Prints what is wrong, one line each.
import { Officer, ask, close, faults, insist, largeTextFaults, open } from "./driver.mjs";

const password = "three old elms, two magpies";
const plan = JSON.parse(await ask("plan"));
const browser = await open();
let [wrong, looked] = [[], 0];
try {
  for (const [login, paths] of Object.entries(plan)) {
    const officer = await Officer.signIn(browser, login, password, { bypassCSP: true });
    for (const path of paths) {
      await ask("wait 60");
      for (const colorScheme of ["light", "dark"]) {
        await officer.page.emulateMedia({ colorScheme });
        await officer.go(path);
        looked += 1;
        wrong.push(...(await faults(officer.page)).map((text) => `${login} ${path} ${colorScheme}: ${text}`));
      }
      await officer.go(path);
      wrong.push(...(await largeTextFaults(officer.page)).map((text) => `${login} ${path} large text: ${text}`));
    }
    await officer.page.context().close();
  }
} finally {
  await close(browser);
}
insist(looked >= 40, `only ${looked} pages`);
insist(wrong.length === 0, [...new Set(wrong)].slice(0, 60).join("\n"));
