//! Words of the page of API clients.

use super::words;

words! {
    title "接口客户端" "API clients";
    lead "供其他系统调用接口。每个客户端代表一名人员：该人员的岗位、地区和职责分离同样约束它，所做的一切记在该人员名下。" "For programs that call the API. Each acts for one officer: that officer's roles, region and separation of duties bind it, and all it does is in the audit under that officer.";
    none "尚无接口客户端。" "No client yet.";
    name "名称" "Name";
    name_hint "便于辨认，例：医院评定系统。" "To know it by, such as `hospital system`.";
    officer "代表人员" "Acts for";
    scopes "权限范围" "Scopes";
    scopes_hint "只勾选该系统需要的；权限范围不会超出该人员的岗位。" "Only what the program needs; a scope never widens the officer's roles.";
    days "有效天数" "Days it is good for";
    days_hint "1 至 366 天，到期须重新登记。" "1 to 366; after that it is added anew.";
    used "最近使用" "Last used";
    never "从未" "never";
    expires "到期" "Good until";
    state "状态" "Status";
    in_force "有效" "In force";
    expired "已到期" "Expired";
    revoked "已停用" "Revoked";
    officer_left "所代表人员已停用" "Its officer has left";
    add_title "登记客户端" "Add a client";
    add "登记" "Add";
    added "已登记。请立即把令牌交给该系统的管理者保存，离开本页后不再显示。" "Added. Hand the token to whoever runs the program now: it is not shown again once you leave this page.";
    token "令牌" "Token";
    revoke "停用" "Revoke";
    revoke_reason "停用理由" "Why it is revoked";
    revoked_done "已停用，立即生效。" "Revoked; it holds at once.";
    choose_officer "请选择代表人员。只能是您辖区内办理案卷的人员。" "Choose an officer of your region who works on cases.";
    choose_scope "请至少选择一项权限范围。" "Choose at least one scope.";
    choose_reason "请选择停用理由。" "Choose why.";
    name_wrong "请填写名称，不超过 100 字。" "Give a name of at most 100 characters.";
    days_wrong "有效天数应为 1 至 366 的整数。" "A whole number of days from 1 to 366.";
}
