// What comes after the first certificate, by keyboard alone and in Chinese: suspension and thaw, a guardian changed, a
// move to another county, a disputed finding settled above, an applicant from another province with the notice on one
// printed page and the legal clock running out, and another card for one that is lost.
import { Officer, ask, close, insist, open } from "./driver.mjs";

const password = "three old elms, two magpies";
const browser = await open();
const signIn = (login) => Officer.signIn(browser, login, password);
const toCase = (address) => `a[href="${address}"]`;

/** Decides the case from the officer's own queue, and the service signs. */
async function decide(address, reviewer, approver) {
  for (const login of [reviewer, approver]) {
    const officer = await signIn(login);
    await officer.use(toCase(address));
    await officer.enter("Alt+n");
    await officer.page.context().close();
  }
  insist((await ask("issue")) === "1", `${address}: one certificate is signed`);
}

/** From the search to the holder's valid certificate. */
async function find(clerk, name) {
  await clerk.go("/");
  await clerk.fill("query", name);
  await clerk.enter();
  await clerk.use('a[href^="/people/"]');
  await clerk.use('a[href^="/certificates/"]');
}

async function changeStatus(clerk, reason, says) {
  await clerk.fill("reason", reason);
  await clerk.use('form[action$="/changes"] button');
  await clerk.says(says);
}

try {
  const clerk = await signIn("clerk");
  await find(clerk, "王秀兰");
  await changeStatus(clerk, "suspected_fraud", "冻结");
  await clerk.picture("suspended");
  const standing = () => clerk.page.innerText(".under");
  insist((await standing()).includes("冻结"), await standing());
  await changeStatus(clerk, "cleared", "疑点已排除");
  insist((await standing()).includes("有效"), await standing());

  // 监护人变更: the approver sees old beside new.
  await clerk.use('a[href$="/follow/guardian_change"]');
  await clerk.fill("guardian_name", "王铁军");
  await clerk.fill("guardian_relation", "兄弟");
  await clerk.enter("Alt+s");
  const guardian = clerk.path();
  await clerk.use('button[value="stay"]');
  const reviewer = await signIn("reviewer");
  await reviewer.use(toCase(guardian));
  const changed = await reviewer.page.innerText(".compare > :last-child .changed");
  insist(changed.includes("王铁军（兄弟）"), changed);
  await reviewer.picture("guardian-change");
  await decide(guardian, "reviewer", "approver");

  // 迁移: entered at the old home, decided at the new one.
  await find(clerk, "赵铁柱");
  await clerk.use('a[href$="/follow/transfer"]');
  await clerk.fill("county", "220202");
  await clerk.fill("address", "昌邑区解放大路 9 号");
  await clerk.enter("Alt+s");
  const transfer = clerk.path();
  await clerk.says("吉林省吉林市昌邑区（220202）");
  await clerk.use('button[value="stay"]');
  await reviewer.go(transfer);
  await reviewer.says("此件现在无需您办理");
  await decide(transfer, "reviewer.there", "approver.there");
  const there = await signIn("foreign");
  await there.go("/certificates/4");
  await there.says("吉林省吉林市昌邑区（220202）");

  // 异议: the prefecture's finding takes the place of the doctors'.
  const disputed = "/applications/3";
  await clerk.go(disputed);
  await clerk.use('a[href$="/steps/dispute"]');
  await clerk.enter("Alt+s");
  await clerk.says("异议处理中");
  const committee = await signIn("committee");
  await committee.says("剩 10 个工作日");
  await committee.use(toCase(disputed));
  await committee.use('a[href$="/steps/settle"]');
  await committee.fill("level_4", "3");
  await committee.enter("Alt+s");
  await committee.says("肢体三级");
  const auditor = await signIn("auditor");
  await auditor.use('a[href="/audit"]');
  await auditor.fill("case", "220102-00003");
  await auditor.enter();
  await auditor.says("肢体二级 → 肢体三级");
  await auditor.picture("story");
  await auditor.use('a[href$="?only=deeds"]');
  insist((await auditor.page.locator(".audit .read").count()) === 0, "decisions only");

  // 证件照: arrow keys move the cut, and the page is not loaded anew.
  await clerk.go(await ask(`portrait ${disputed}`));
  const loaded = await clerk.page.evaluate(() => performance.timeOrigin);
  await clerk.reach('[data-nudge="0,0,1"]');
  await clerk.press("Enter");
  for (const key of ["ArrowLeft", "ArrowLeft", "ArrowDown", "+", "-"]) await clerk.press(key);
  // A step is a twentieth of what is seen at 115 %: 43.
  await clerk.page.waitForFunction(() => document.querySelector("[data-crop] img").src.endsWith("?x=414&y=493&zoom=115"));
  await clerk.page.waitForFunction(() => { const { complete, naturalWidth } = document.querySelector("[data-crop] img"); return complete && naturalWidth > 0; });
  await clerk.says("放大比例（100 至 400） 115");
  insist(loaded === (await clerk.page.evaluate(() => performance.timeOrigin)), "the cut moves without a page load");
  await clerk.picture("photo");
  await clerk.enter("Alt+s");
  insist(clerk.path() === `${disputed}/documents`, clerk.path());
  insist((await clerk.page.getAttribute("[aria-labelledby=photo] img", "alt")) === "证件照：周明", "the photo is in use");

  // 跨省通办: taken here for somebody at home in Beijing; the notice hangs here, the decision is theirs.
  await clerk.go("/");
  await clerk.enter("F2");
  await clerk.fill("identity_number", await ask("identity 6"));
  await clerk.fill("name", "孙小燕");
  await clerk.enter("Alt+s");
  await clerk.fill("county", "110105");
  await clerk.fill("address", "朝阳区建国路 1 号");
  await clerk.enter("Alt+s");
  await clerk.enter("Alt+s");
  await clerk.says("北京市朝阳区（110105）");
  await clerk.enter("Alt+s");
  const away = clerk.path();
  await clerk.use('button[value="stay"]');
  await ask(`assess ${away}`);
  await clerk.go(away);
  await clerk.use('a[href$="/steps/post_notice"]');
  await clerk.enter("Alt+s");
  await clerk.use('a[href$="/notice"]');
  await printed(clerk, ["孙**", "220102********006"], ["孙小燕", "19800101", "建国路", "肢体", "退出"]);

  await ask(`wait ${9 * 86_400}`);
  let beijing = await signIn("beijing");
  await beijing.says("剩 9 个工作日");
  await ask(`wait ${14 * 86_400}`);
  beijing = await signIn("beijing");
  await beijing.says("逾期 1 个工作日");
  await beijing.says("逾期 1 件");
  await beijing.use('a[href="/applications"]');
  await beijing.use('a[href$="?due=overdue"]');
  await beijing.says("孙小燕");
  await beijing.picture("overdue");
  await beijing.go("/");
  const own = await signIn("reviewer");
  insist((await own.page.locator(toCase(away)).count()) === 0, "the desk's county decides nothing");
  await beijing.use(toCase(away));
  await beijing.enter("Alt+n");
  await beijing.go(away);
  await beijing.says("已审核");

  // 补卡: the lost card's place is taken by a job for the next one.
  const desk = await signIn("desk");
  await desk.go("/certificates/3");
  await desk.use('form[action$="/card"] button');
  let told = "";
  while (told !== "issued") told = await ask("reader");
  await desk.go("/certificates/3");
  await desk.says("已发卡");
  await desk.use('form[action$="/card/replace"] button');
  await desk.go("/certificates/3");
  await desk.says("待制卡");
  insist((await desk.page.locator("#cards ~ table tbody tr").count()) === 2, "the old card and the new job");
  await desk.picture("card-replaced");
  // A token for a program, shown this once.
  const chief = await signIn("chief");
  await chief.use('a[href="/clients"]');
  await chief.fill("name", "街道窗口程序");
  await chief.fill("officer", "2");
  await chief.reach('[value="read_cases"]');
  await chief.press("Space");
  await chief.enter("Alt+s");
  await chief.says("离开本页后不再显示");
  await chief.picture("client-added");
  await chief.use('a[href="/clients"]');
  insist((await chief.page.locator("code.long").count()) === 0, "the token is not shown again");
  await chief.reach("summary");
  await chief.press("Enter");
  await chief.fill("reason", "replaced");
  await chief.use('form[action$="/revoke"] button');
  await chief.says("已停用，立即生效");
  for (const officer of [clerk, auditor, desk, own, chief]) insist(officer.complaints.length === 0, officer.complaints.join("\n"));
} finally {
  await close(browser);
}

/** On paper: one A4 page, with what may hang in the village and nothing else. */
async function printed(officer, shown, hidden) {
  const { page } = officer;
  await page.emulateMedia({ media: "print" });
  const text = await page.innerText("body");
  for (const wanted of shown) insist(text.includes(wanted), `the sheet does not say ${wanted}:\n${text}`);
  for (const secret of hidden) insist(!text.includes(secret), `the sheet says ${secret}:\n${text}`);
  await officer.picture("notice-print");
  const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
  const pages = pdf.match(/\/Type\s*\/Page\b/g) ?? [];
  insist(pages.length === 1, `the sheet prints on ${pages.length} pages`);
  insist(/\/MediaBox\s*\[\s*0 0 59[45]\.\d+ 84[12]\.\d+\s*\]/.test(pdf), "the page is A4");
  await page.emulateMedia({ media: null });
}
