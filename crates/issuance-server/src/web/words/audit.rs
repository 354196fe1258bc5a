//! Words of the auditor's pages.

use super::words;

words! {
    only "显示" "Show";
    all "全部" "Everything";
    deeds "决定与变更" "Decisions and changes";
    reads "查看" "Reading";
    by_officer "经办人" "Officer";
    everybody "所有人" "Everybody";
    times "次" "times";
    story_changed "与原证不同之处" "What differs from the earlier certificate";
    story_who "参与人员" "Who took part";
    to_case "案卷页" "The case";
    to_person "人员页" "The person";
    earlier_day "前一天" "The day before";
    later_day "后一天" "The day after";
    day_summary "当日概况" "The day at a glance";
    day_people "查看过的人数" "People looked at";
    day_numbers "显示完整号码" "Numbers in clear";
    unusual "请询问" "Ask about this";
    nothing_unusual "未发现异常。" "Nothing stands out.";
    flag_without_case "查看了没有在办案卷的人，人数" "People looked at while no case of theirs was open";
    flag_numbers "显示完整号码的次数" "Numbers shown in clear";
    flag_hours "休息日或 7 时前、20 时后的操作，次数" "Deeds on a day off, before 7:00 or after 20:00";
    flag_sign_ins "登录被拒的次数" "Sign-ins that were refused";
    cut_short "记录较多，只显示最早的部分，行数" "There is more; these are the earliest rows, as many as";
    nothing "没有符合的记录。" "Nothing of that kind.";
}
