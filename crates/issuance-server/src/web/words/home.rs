//! Words of the first page.

use super::words;

words! {
    title "工作台" "Desk";
    search_label "查找人员、证件或卡片" "Find a person, certificate or card";
    search_placeholder "姓名、证件号码、残疾人证号或卡序列号" "Name, identity number, certificate number or card serial";
    search "查找" "Search";
    new_application "新申请" "New application";
    waiting "待我办理" "Waiting for me";
    case_column "案卷" "Case";
    applicant_column "申请人" "Applicant";
    kind_column "事项" "Kind";
    next_column "现在该做" "To do now";
    due_column "期限" "Due";
    nothing "目前没有需要您办理的案卷。" "Nothing is waiting for you.";
    more "查看全部案卷" "All cases";
    no_clock "无法定时限" "No legal term";
    card_desk "写卡台" "Card desk";
    to_write "待写卡" "To write";
    in_work "已开始" "Begun";
    written_today "今日已发" "Issued today";
    start_writing "开始写卡" "Write cards";
    pilot_off "本地区尚未开通智能卡试点，发放纸质证和二维码。" "Smart cards are not in use in this region yet; paper certificates and QR codes are issued.";
    renewals "换领与到期" "Renewals";
    renewals_due "换领期内" "Due";
    renewals_ended "已到期未换领" "Ended, not renewed";
    renewals_list "查看名单" "Show the list";
    today "今天" "Today";
    minor "未成年" "minor";
    counts "各环节案卷数" "Cases by stage";
    sign_in_first "登录后显示" "Shown after signing in";
    admin_waiting "管理" "Administration";
}
