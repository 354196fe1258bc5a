//! Figures for the operator in the OpenMetrics text format: how many requests, how long, how many waited.
//! By route pattern and status only; nothing in them names a person.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// What is counted.
#[derive(Debug)]
pub struct Figures {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram, fn() -> Histogram>,
    sign_ins: Family<SignInLabels, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: Arc<str>,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SignInLabels {
    outcome: &'static str,
}

impl Default for Figures {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("zhengka");
        let requests = Family::default();
        let seconds = Family::new_with_constructor(new_histogram as fn() -> Histogram);
        let sign_ins = Family::default();
        registry.register("requests", "Answered requests", requests.clone());
        registry.register("answer_seconds", "Time to the answer", seconds.clone());
        registry.register("sign_ins", "Sign-ins by outcome", sign_ins.clone());
        Self { registry, requests, seconds, sign_ins }
    }
}

impl Figures {
    /// Counts an answer.
    pub fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let route: Arc<str> = route.into();
        self.requests.get_or_create(&RequestLabels { method, route: Arc::clone(&route), status }).inc();
        self.seconds.get_or_create(&RouteLabels { route }).observe(took.as_secs_f64());
    }

    /// Counts a sign-in: `right`, `wrong`, `throttled`.
    pub fn signed_in(&self, outcome: &'static str) {
        self.sign_ins.get_or_create(&SignInLabels { outcome }).inc();
    }

    /// As Prometheus reads it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing into a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

fn new_histogram() -> Histogram {
    Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_route_and_status() {
        let figures = Figures::default();
        figures.answered("GET", "/officers/{id}", 200, Duration::from_millis(3));
        figures.answered("GET", "/officers/{id}", 200, Duration::from_millis(3));
        let text = figures.to_text();
        let line = "zhengka_requests_total{method=\"GET\",route=\"/officers/{id}\",status=\"200\"} 2";
        assert!(text.contains(line), "{text}");
        assert!(
            text.contains("zhengka_answer_seconds_bucket{le=\"0.005\",route=\"/officers/{id}\"} 2"),
            "{text}"
        );
    }
}
