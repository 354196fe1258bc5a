//! Words of papers and photos.

use super::words;

words! {
    documents "材料与照片" "Papers and photo";
    none_yet "尚无材料。" "No papers yet.";
    missing "还缺少" "Still missing";
    or " 或 " " or ";
    one "材料" "Paper";
    added "上传" "Added";
    remove "移除" "Remove";
    removal_text "移除后图片不再保存，移除人和原因留在案卷中。" "The picture is then gone for good; who removed it and why stays in the case.";
    removal_reason "移除原因" "Reason";
    removal_choose "请选择移除原因。" "Choose a reason for the removal.";
    removed "已移除" "Removed";
    open "打开" "Open";
    add "上传材料" "Add a paper";
    add_more "继续上传" "Add another";
    kind "材料种类" "Kind";
    kind_choose "请选择材料种类。" "Choose a kind.";
    kind_hint "证件照请选“照片原图”，上传后裁剪。" "For the photo choose “portrait”; it is cut after the upload.";
    file "文件" "File";
    file_hint "JPEG、PNG 或 WebP，不超过 12 MB。系统重新生成图片，文件名、拍摄地点等信息不保存。" "JPEG, PNG or WebP up to 12 MB. The picture is made anew: its name, place and other data are not kept.";
    upload "上传" "Upload";
    closed "审核后不能再上传材料。" "After the review no paper can be added.";
    photo "证件照" "Photo";
    photo_of "证件照：" "Photo of ";
    no_photo "尚无证件照。" "No photo yet.";
    cut "裁剪照片" "Cut the photo";
    cut_text "让面部位于画面中间，头顶留少许空白。可用方向按钮或直接填写数字，预览随之更新。" "Bring the face to the middle with a little room above. Use the arrows or type numbers; the preview follows.";
    no_portrait "请先上传照片原图。" "Add a portrait first.";
    portrait "照片原图" "Portrait";
    preview "预览" "Preview";
    move_left "左移" "Left";
    move_right "右移" "Right";
    move_up "上移" "Up";
    move_down "下移" "Down";
    closer "放大" "Closer";
    farther "缩小" "Farther";
    from_left "水平位置（0 至 1000）" "From the left (0 to 1000)";
    from_top "垂直位置（0 至 1000）" "From the top (0 to 1000)";
    zoom "放大比例（100 至 400）" "Closeness in per cent (100 to 400)";
    number_wrong "请填写范围内的整数。" "Enter a whole number within the range.";
    show "更新预览" "Update the preview";
    take "采用此照片" "Use this photo";
    current "现用照片" "Photo in use";
}
