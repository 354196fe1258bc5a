//! Every word of the frame, Chinese and English side by side. A page adds its own table with the same macro in a
//! file of its own under `words/`; a word that lacks a language does not compile.
//! Plain, short and polite; full-width punctuation in Chinese; an error says what, which rule, what now.

pub mod account;
pub mod administration;
pub mod audit;
pub mod cards;
pub mod casework;
pub mod clients;
pub mod documents;
pub mod home;

/// One line a word: its name, Chinese, English.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident $zh:literal $en:literal;)*) => {
        /// The words of one part of the console, in one language.
        #[derive(Debug)]
        #[expect(missing_docs, reason = "the words speak for themselves")]
        pub struct Words { $(pub $name: &'static str),* }

        /// 中文
        pub static ZH: Words = Words { $($name: $zh),* };
        /// English.
        pub static EN: Words = Words { $($name: $en),* };

        impl Words {
            /// The table of a language.
            #[must_use]
            pub fn of(lang: $crate::web::lang::Lang) -> &'static Self {
                lang.pick(&ZH, &EN)
            }

            /// Every word with its name.
            #[must_use]
            pub fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name)),*]
            }
        }
    };
}
pub(crate) use words;

words! {
    product "证卡" "Zhengka";
    product_long "残疾人证签发服务" "Disability certificate service";
    skip "跳到正文" "Skip to content";
    menu "主菜单" "Main menu";
    other_language "English" "中文";
    switch_language "Switch to English" "切换到中文";
    sign_out "退出" "Sign out";
    account "我的账户" "My account";
    demo "演示环境：全部人物和证件均为虚构" "Demonstration: every person and certificate is invented";
    nav_home "工作台" "Desk";
    nav_cases "案卷" "Cases";
    nav_certificates "证与卡" "Certificates";
    nav_notices "公示" "Notices";
    nav_cards "写卡台" "Card desk";
    nav_audit "审计" "Audit";
    nav_offices "机构" "Offices";
    nav_officers "人员" "Officers";
    nav_clients "接口" "API";
    nav_pilots "试点" "Pilots";
    nav_settings "设置" "Settings";
    save "保存" "Save";
    cancel "返回" "Back";
    continue_ "继续" "Continue";
    yes "是" "Yes";
    no "否" "No";
    on "已开通" "On";
    off "未开通" "Off";
    done "已完成" "Done";
    required_hint "除注明选填外，均为必填。" "Every field is required unless marked optional.";
    optional "选填" "optional";
    faults_title "请改正以下内容" "Please put this right";
    key_hint "快捷键" "Shortcut";
    keys_title "快捷键" "Shortcuts";
    // Errors.
    error_back "回到工作台" "Back to the desk";
    error_reference "报告时请提供编号" "Quote this number when you report it";
    not_found_title "没有找到" "Not found";
    not_found_text "此页不存在，或不属于您的机构。请核对编号，或从工作台重新查找。" "There is no such page, or it belongs to another office. Check the number or search again from the desk.";
    forbidden_title "没有权限" "Not permitted";
    forbidden_text "您的岗位不能办理此事项。如确有需要，请联系本机构管理员调整岗位。" "Your role does not permit this. If you need it, ask your administrator to change your role.";
    refused_title "不能办理" "This cannot be done";
    bad_form_title "提交的内容无法读取" "The form could not be read";
    bad_form_text "未保存任何内容。请返回上一页重新提交。" "Nothing was saved. Go back and send the form again.";
    too_large_title "提交的内容过大" "Too large";
    too_large_text "未保存任何内容。请缩小文件后重试。" "Nothing was saved. Make the file smaller and try again.";
    cross_site_title "请求来自其他网站" "Sent by another site";
    cross_site_text "为安全起见已拒绝，未保存任何内容。请从本系统页面重新操作。" "Refused for safety; nothing was saved. Please start again from a page of this service.";
    too_many_title "操作过于频繁" "Too many requests";
    too_many_text "请稍等片刻再试。" "Wait a moment, then try again.";
    busy_title "系统繁忙" "Busy";
    busy_text "未保存任何内容。请稍后重试。" "Nothing was saved. Please try again shortly.";
    full_title "磁盘已满" "The disk is full";
    full_text "未保存任何内容，已有内容完好。请管理员腾出磁盘空间，然后返回上一页重新提交。" "Nothing was saved, and what was saved before is whole. Ask your administrator to make room on the disk, then go back and send the form again.";
    failed_title "系统故障" "Something failed";
    failed_text "未保存任何内容。请稍后重试；如仍失败，请把编号报告给管理员。" "Nothing was saved. Try again; if it fails again, report the number to your administrator.";
    method_title "不支持的操作" "Not possible here";
    method_text "此地址不接受这种请求。" "This address does not take that kind of request.";
    token_title "令牌无效" "The token is refused";
    token_text "请在 Authorization 请求头中提供有效的令牌。令牌可能已到期、停用，或所属人员已停用、锁定。" "Send a token in the header Authorization: Bearer. It may have ended or been revoked, or its officer is locked or has left.";
    scope_title "令牌权限不足" "The token is for something else";
    scope_text "此令牌不含所需权限范围。请联系管理员另行登记客户端。" "This token lacks the scope. Ask an administrator for a client that has it.";
    media_title "内容类型不符" "Not JSON";
    media_text "请以 Content-Type: application/json 提交。" "Send the body as Content-Type: application/json.";
    shape_title "内容不符合接口约定" "Not of the agreed form";
    shape_text "有缺少、多余或类型不对的字段。请对照 /api/v1/openapi.json 改正后重发。" "A field is missing, unknown or of another type. Compare with /api/v1/openapi.json and send it again.";
    key_missing_title "缺少 Idempotency-Key" "Idempotency-Key is missing";
    key_missing_text "写入请求须带 Idempotency-Key 请求头（1 至 64 个可见 ASCII 字符），每次新的操作用新的值。" "A write needs the header Idempotency-Key: 1 to 64 visible ASCII characters, new for each thing that is done.";
    key_reused_title "Idempotency-Key 已被使用" "Idempotency-Key was used before";
    key_reused_text "同一个键已用于另一请求。未办理任何事项。请换用新的值。" "The key was used for another request. Nothing was done; use a new one.";
    not_offered_title "本服务未开通此项" "Not offered by this service";
    not_offered_text "本服务启动时未载入签发密钥或制卡密钥（serve --sign）。" "The service was started without the issuer key or the card keys (serve --sign).";
    form_expired_title "页面已过期" "This page has expired";
    form_expired_text "您填写的内容仍在。请核对身份后再次提交。" "What you entered is kept. Check who you are signed in as, then send it again.";
    send_again "再次提交" "Send again";
    form_kept "您填写的内容已保留，登录后可继续提交。" "What you entered is kept; you can send it once you have signed in.";
    file_not_kept "附件无法保留，请重新选择。" "Attached files cannot be kept; choose them again.";
}

/// A badge for a legal clock: so many working days left.
#[must_use]
pub fn days_left(lang: super::lang::Lang, days: u16) -> String {
    lang.pick(
        format!("剩 {days} 个工作日"),
        format!("{days} working {} left", if days == 1 { "day" } else { "days" }),
    )
}

/// A badge for a legal clock that ran out.
#[must_use]
pub fn days_overdue(lang: super::lang::Lang, days: u16) -> String {
    lang.pick(
        format!("逾期 {days} 个工作日"),
        format!("{days} working {} overdue", if days == 1 { "day" } else { "days" }),
    )
}

/// A badge for a legal clock that needs the holidays of a year which are not published yet.
#[must_use]
pub fn term_unknown(lang: super::lang::Lang, year: u16) -> String {
    lang.pick(
        format!("期限待定：缺 {year} 年放假安排"),
        format!("term open: the holidays of {year} are not known"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_words_are_chinese_with_full_width_punctuation_and_never_demeaning() {
        let tables = [
            ZH.all(),
            home::ZH.all(),
            account::ZH.all(),
            administration::ZH.all(),
            audit::ZH.all(),
            casework::ZH.all(),
            clients::ZH.all(),
            documents::ZH.all(),
            cards::ZH.all(),
        ];
        for (name, text) in tables.concat() {
            assert!(!text.is_empty(), "{name}");
            assert!(!text.contains("残废"), "{name}");
            let half_width = text.contains([',', '?', '!', ';']) && !matches!(name, "other_language");
            assert!(!half_width, "{name}: {text}");
        }
    }

    #[test]
    fn english_words_are_english() {
        let tables = [
            EN.all(),
            home::EN.all(),
            account::EN.all(),
            administration::EN.all(),
            audit::EN.all(),
            casework::EN.all(),
            clients::EN.all(),
            documents::EN.all(),
            cards::EN.all(),
        ];
        for (name, text) in tables.concat() {
            let chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert!(
                !text.is_empty() && (!chinese || matches!(name, "other_language" | "switch_language")),
                "{name}"
            );
        }
    }
}
