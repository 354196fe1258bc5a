//! Prints the OpenAPI document, as `serve` answers it.

fn main() {
    print!("{}", issuance_server::web::api::document::text().unwrap_or_default());
}
