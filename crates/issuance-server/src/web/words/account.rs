//! Words of signing in and of the officer's own account.

use super::words;

words! {
    sign_in "登录" "Sign in";
    login "用户名" "User name";
    password "密码" "Password";
    sign_in_failed "用户名或密码不正确，或账户暂时锁定。请核对后再试；连续输错会锁定一段时间，忘记密码请联系管理员。" "User name or password is wrong, or the account is locked for a while. Check and try again; repeated errors lock it for a time. If you forgot your password, ask your administrator.";
    code_title "动态验证码" "One-time code";
    code "6 位动态验证码" "Six-digit code";
    code_hint "请打开手机上的验证器，输入“证卡”当前显示的 6 位数字。" "Open the authenticator on your phone and type the six digits it shows for Zhengka.";
    code_failed "验证码不正确、已用过或已过期。请等待下一个验证码再输入。" "The code is wrong, used or out of date. Wait for the next one and type that.";
    code_lost "手机遗失或更换，请联系管理员重设。" "If you lost or changed your phone, ask your administrator for a reset.";
    enrol_title "绑定验证器" "Set up your authenticator";
    enrol_steps_1 "在手机上安装任一验证器应用（支持 TOTP 标准即可，无需联网）。" "Install any authenticator app on your phone (any that supports TOTP; it needs no network).";
    enrol_steps_2 "用它扫描下面的二维码；不能扫描时，手动输入密钥。" "Scan this code with it; if you cannot scan, type the key.";
    enrol_steps_3 "输入它显示的 6 位数字，完成绑定。" "Type the six digits it shows.";
    enrol_key "密钥" "Key";
    enrol_qr "验证器二维码" "QR code for the authenticator";
    enrol_button "完成绑定" "Finish";
    password_title "修改密码" "Change password";
    password_first "首次登录，请先设置自己的密码。" "This is your first sign-in: choose a password of your own.";
    password_old "当前密码" "Present password";
    password_new "新密码" "New password";
    password_again "再输一次新密码" "New password again";
    password_hint "至少 12 个字符，可以是一句话；不含用户名和常见词。" "At least 12 characters; a sentence is good. Not your user name, no common words.";
    password_short "新密码少于 12 个字符。请加长。" "The new password has fewer than 12 characters. Make it longer.";
    password_long "新密码超过 512 字节。请缩短。" "The new password is longer than 512 bytes. Make it shorter.";
    password_guessable "新密码容易被猜到：含有用户名、常见词，或不同字符太少。请换一个。" "The new password is easy to guess: it has your user name, a common word or too few different characters. Choose another.";
    password_same "新密码与当前密码相同。请换一个。" "The new password is the present one. Choose another.";
    password_differs "两次输入的新密码不一致。请重新输入。" "The two new passwords differ. Type them again.";
    password_wrong "当前密码不正确。请重新输入。" "The present password is wrong. Type it again.";
    password_changed "密码已修改，其他设备上的登录已全部退出。" "Your password was changed and every other session was ended.";
    account_title "我的账户" "My account";
    office "机构" "Office";
    roles "岗位" "Roles";
    sessions "当前登录数" "Open sessions";
    second_factor "动态验证码" "One-time code";
    bound "已绑定" "Set up";
    sign_out_everywhere "退出全部登录" "Sign out everywhere";
    sign_out_everywhere_hint "包括本次登录在内，所有设备都要重新登录。" "Every device has to sign in again, this one included.";
    continue_title "继续提交" "Send what you entered";
    continue_text "登录已恢复，您填写的内容仍在。确认后继续提交。" "You are signed in again and what you entered is kept. Send it when you are ready.";
}
