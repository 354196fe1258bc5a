//! What a decision is warned of: in the queue, on the case, and for those alone who decide.

use axum::http::StatusCode;

use crate::browser::Service;
use crate::casework::{enter, identity, take};

const DAY: u64 = 86_400;

#[tokio::test]
async fn flags_stand_in_the_queue_and_on_the_case_for_those_who_decide() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    // The officers' surname is 李, and both live at one address.
    let case = enter(&mut clerk, &identity(2), "李秀兰").await;
    enter(&mut clerk, &identity(4), "赵铁柱").await;
    let done = StatusCode::SEE_OTHER;
    assert_eq!(take(&mut clerk, &case, "accept", &[]).await, done);
    let page = clerk.get(&case).await.body;
    assert!(!page.contains("请留意"), "a clerk decides nothing: {page}");
    let mut doctor = service.signed_in("doctor").await;
    let finding = [("level_4", "2"), ("assessed_on", "2026-11-24")];
    assert_eq!(take(&mut doctor, &case, "assess", &finding).await, done);
    let mut second = service.signed_in("doctor2").await;
    assert_eq!(take(&mut second, &case, "countersign", &[]).await, done);
    assert_eq!(take(&mut clerk, &case, "post_notice", &[("notice_posted", "2026-11-24")]).await, done);
    // The notice ends on 1 December; this is the day after.
    service.wait(8 * DAY);
    let mut reviewer = service.signed_in("reviewer").await;
    assert!(reviewer.page.contains("处请留意"), "in the queue: {}", reviewer.page);
    assert_eq!(take(&mut reviewer, &case, "review", &[]).await, done);
    let mut approver = service.signed_in("approver").await;
    assert!(approver.page.contains("处请留意"), "in the queue: {}", approver.page);
    let page = approver.get(&case).await.body;
    for flag in
        ["同一住址另有申请人（未办结或一年内已发证），人数：1", "与经办人同姓：李clerk", "公示期满次日即审核"]
    {
        assert!(page.contains(flag), "{flag}: {page}");
    }
    assert!(!page.contains("同一医师的未办结评定较多"), "{page}");
}
