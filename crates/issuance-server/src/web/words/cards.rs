//! Words of the card desk.

use super::words;

words! {
    title "写卡台" "Card desk";
    to_do "现在该做" "To do now";
    do_resume "把已开始的那张卡放回读卡器，写卡程序会接着写，不会重复签发。" "Put the card that was begun back on the reader. Writing goes on where it stopped; nothing is signed twice.";
    do_write "把空白卡放到读卡器上，在这台电脑上打开写卡程序。进度显示在本页。" "Put a blank card on the reader and open the writing program on this computer. Its progress is shown here.";
    do_order "没有待写的卡。可为下面的证件登记制卡。" "No card waits. Cards can be ordered for the certificates below.";
    do_nothing "没有待写的卡，也没有待登记的证件。" "No card waits, and every certificate has one.";
    pilot_off "本地区尚未开通智能卡试点，不能登记制卡。" "Smart cards are not in use in this region yet; none can be ordered.";
    waiting "待写卡" "To write";
    in_work "已开始" "Begun";
    issued "今日已发" "Issued today";
    tally "今日" "Today";
    open "待写和正在写的卡" "Cards to write";
    none_open "没有。" "None.";
    done "今日已发的卡" "Cards issued today";
    none_done "今天还没有发卡。" "No card was issued today.";
    without "尚无卡的证件" "Certificates without a card";
    none_without "没有。" "None.";
    job "任务" "Job";
    holder "持证人" "Holder";
    number "证号" "Number";
    stage "进度" "Progress";
    at "时间" "Time";
    serial "卡序列号" "Card serial";
    order "登记制卡" "Order a card";
    replace "作废并换卡" "Withdraw and replace";
    replace_hint "卡片遗失或损坏时使用：原卡立即作废，同时登记新卡。证件本身不变。" "For a lost or broken card: it is revoked at once and a new one is ordered. The certificate stays as it is.";
    cards "卡片" "Cards";
    no_cards "还没有登记卡片。" "No card was ordered.";
    refresh "刷新" "Refresh";
    live_on "实时更新中" "Live";
    live_off "实时更新已中断，请按刷新。" "Live progress has stopped; press refresh.";
    just_ordered "已登记制卡" "A card was ordered";
    just_replaced "原卡已作废，新卡已登记" "The old card is withdrawn and a new one ordered";
}
