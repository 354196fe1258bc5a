// One whole case with scripts switched off: nothing in the console needs one.
import { Officer, ask, close, insist, open } from "./driver.mjs";

const password = "three old elms, two magpies";
const options = { javaScriptEnabled: false };
const number = await ask("identity 4");
const browser = await open();
try {
  const clerk = await Officer.signIn(browser, "clerk", password, options);
  const on = 'button[name="go"][value="on"]';
  await clerk.use('a[href="/applications/new"]');
  await clerk.fill("identity_number", number);
  await clerk.fill("name", "赵铁柱");
  await clerk.use(on);
  await clerk.fill("county", "220102");
  await clerk.use(on);
  await clerk.use(on);
  await clerk.use(on);
  const address = clerk.path();
  insist(/^\/applications\/\d+$/.test(address), address);
  await clerk.use('button[value="stay"]');
  // The photo is cut by links, each a page with the cut moved.
  await clerk.go(await ask(`portrait ${address}`));
  await clerk.use('[data-nudge="0,0,1"]');
  await clerk.use('[data-nudge="1,0,0"]');
  insist(new URL(clerk.page.url()).search === "?x=543&y=450&zoom=115", clerk.page.url());
  await clerk.use('button[value="take"]');
  insist(clerk.path() === `${address}/documents`, clerk.path());
  const doctor = await Officer.signIn(browser, "doctor", password, options);
  await doctor.go(`${address}/steps/assess`);
  await doctor.fill("level_1", "1");
  await doctor.use("button[data-save]");
  const second = await Officer.signIn(browser, "doctor2", password, options);
  await second.go(address);
  await second.use('button[value="stay"]');
  await clerk.go(`${address}/steps/post_notice`);
  await clerk.use("button[data-save]");
  await ask(`wait ${9 * 86_400}`);
  for (const login of ["reviewer", "approver"]) {
    const officer = await Officer.signIn(browser, login, password, options);
    await officer.go(address);
    await officer.use('button[value="stay"]');
  }
  insist((await ask("issue")) === "1", "one certificate is signed");
  await ask("pilot");
  const desk = await Officer.signIn(browser, "desk", password, options);
  await desk.use('a[href="/cards"]');
  await desk.use('button[aria-label="登记制卡 赵铁柱"]');
  let told = "";
  while (told !== "issued") told = await ask("reader");
  await desk.use('a.button[href="/cards"]');
  await desk.says("已发卡");
} finally {
  await close(browser);
}
