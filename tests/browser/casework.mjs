// A person from application to card by keyboard alone, in Chinese; self-approval refused in the page. The card is
// written at a reader while the card desk's page tells how far it has come.
import { Officer, ask, close, insist, open } from "./driver.mjs";

const password = "three old elms, two magpies";
const number = await ask("identity 2");
const browser = await open();
try {
  const clerk = await Officer.signIn(browser, "clerk", password);
  await clerk.picture("home");
  // Search before create: nothing is there yet.
  await clerk.fill("query", "王秀兰");
  await clerk.enter();
  await clerk.says("没有找到");
  await clerk.enter("F2");
  await clerk.fill("identity_number", number.slice(0, 17) + (number.endsWith("3") ? "4" : "3"));
  await clerk.fill("name", "王秀兰");
  await clerk.enter();
  await clerk.says("第 18 位应为");
  const focused = await clerk.page.evaluate(() => document.activeElement.id);
  insist(focused === "faults", `after an error the summary has the focus, not ${focused}`);
  await clerk.reach("#faults a");
  await clerk.press("Enter");
  insist(await clerk.page.evaluate(() => document.activeElement.id === "identity_number"), "the summary leads to the field");
  await clerk.picture("application-fault");
  await clerk.fill("identity_number", number);
  await clerk.enter("Alt+s");
  await clerk.says("未发现重复");
  await clerk.fill("county", "220102");
  await clerk.fill("address", "南关区人民大街 1 号");
  await clerk.picture("application");
  await clerk.enter("Alt+s");
  await clerk.enter("Alt+s");
  await clerk.says("核对并提交");
  await clerk.enter("Alt+s");
  const address = clerk.path();
  insist(/^\/applications\/\d+$/.test(address), address);
  await clerk.use('button[value="stay"]');
  await clerk.says("已办理 · 受理");

  const doctor = await Officer.signIn(browser, "doctor", password);
  await doctor.use(`a[href="${address}"]`);
  await doctor.use('a[href$="/steps/assess"]');
  await doctor.fill("level_4", "2");
  await doctor.picture("assessment");
  await doctor.enter("Alt+s");
  const second = await Officer.signIn(browser, "doctor2", password);
  await second.use(`a[href="${address}"]`);
  await second.enter("Alt+n");

  await clerk.go(address);
  await clerk.use('a[href$="/steps/post_notice"]');
  await clerk.enter("Alt+s");
  await clerk.use('a[href$="/notice"]');
  await clerk.says("王**");
  await clerk.picture("notice");

  // Nine days later; every session has ended.
  await ask(`wait ${9 * 86_400}`);
  const reviewer = await Officer.signIn(browser, "reviewer", password);
  await reviewer.use(`a[href="${address}"]`);
  await reviewer.picture("review");
  await reviewer.enter("Alt+n");

  // The clerk has every power by now, and still does not approve what they entered.
  await ask("promote clerk");
  const both = await Officer.signIn(browser, "clerk", password);
  await both.go(address);
  await both.says("您在此件中已担任受理，不能再批准");
  await both.picture("self-approval");
  await both.go(`${address}/steps/approve`);
  await both.enter("Alt+s");
  await both.says("您在此件中已担任受理，不能再批准");

  const approver = await Officer.signIn(browser, "approver", password);
  await approver.use(`a[href="${address}"]`);
  await approver.picture("approval");
  await approver.enter("Alt+n");
  insist((await ask("issue")) === "1", "one certificate is signed");
  await both.go(address);
  await both.says("已制证");
  await both.picture("issued");
  await both.use('a[href^="/people/"]');
  await both.says("有效");
  await both.picture("person");
  await both.use('a[href^="/certificates/"]');
  await both.says("状态变更");
  await both.picture("certificate");

  // The county takes part in the pilot.
  const chief = await Officer.signIn(browser, "chief", password);
  await chief.use('a[href="/pilots"]');
  await chief.fill("feature", "smart_card");
  await chief.fill("region", "220102");
  await chief.reach('[name="state"]');
  await chief.press("Space");
  await chief.enter("Alt+s");
  await chief.says("已开通");

  const desk = await Officer.signIn(browser, "desk", password);
  await desk.enter("F6");
  insist(desk.path() === "/cards", desk.path());
  await desk.says("没有待写的卡。可为下面的证件登记制卡。");
  await desk.use('button[aria-label="登记制卡 王秀兰"]');
  await desk.says("已登记制卡");
  await desk.comesToSay("实时更新中");
  const loads = await desk.page.evaluate(() => performance.timeOrigin);
  const seen = [];
  let told = "";
  while (told !== "issued") {
    told = await ask("reader");
    insist(["send", "issued"].includes(told), told);
    const stage = await ask("stage 1");
    await desk.comesToSay(stage);
    if (seen.at(-1) !== stage) seen.push(stage);
    if (stage === "已绑卡") await desk.comesToSay("DC00000000000001");
    if (stage === "待写卡") await desk.picture("cards-writing");
  }
  insist(seen.join() === "待制卡,已绑卡,待写卡,已发卡", seen.join());
  await desk.page.waitForFunction(() => document.querySelector('[data-tally="issued"]').textContent === "1");
  insist(loads === (await desk.page.evaluate(() => performance.timeOrigin)), "the page was not loaded anew");
  await desk.says("DC00000000000001");
  await desk.picture("cards-issued");
  insist(desk.complaints.length === 0, desk.complaints.join("\n"));
  await clerk.page.context().close();
} finally {
  await close(browser);
}
