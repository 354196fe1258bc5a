//! Listening: TLS or plain behind a proxy, limits against slow clients, a stop that lets open requests end.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsAcceptor;
use hyper_util::rt::TokioTimer;

use crate::web::api::once;
use crate::web::app::App;
use crate::web::patience::Patience;
use crate::web::router;
use crate::web::session::Session;
use crate::web::settings::Settings;
use crate::web::tls::{self, TlsError};

/// Why the service cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The certificate or key file.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address.
    #[error("无法监听 {at} · cannot listen on {at}: {source}")]
    Listen {
        /// Which one.
        at: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

/// Serves until it is told to stop: by a signal, or through the handle.
pub async fn serve(app: App, handle: Handle<SocketAddr>) -> Result<(), ServeError> {
    let settings = app.settings.clone();
    let stopping = tokio::spawn(stop_on_signal(handle.clone(), settings.limits.stop_seconds));
    let sweeping = tokio::spawn(sweep(app.clone()));
    let metrics = settings.metrics_listen.map(|at| tokio::spawn(serve_figures(app.clone(), at)));
    let served = listen(&app, &settings, handle).await;
    stopping.abort();
    sweeping.abort();
    if let Some(metrics) = metrics {
        metrics.abort();
    }
    served
}

async fn listen(app: &App, settings: &Settings, handle: Handle<SocketAddr>) -> Result<(), ServeError> {
    let at = settings.listen;
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let receive = Duration::from_secs(settings.limits.receive_seconds);
    let patience = Patience { limit: Duration::from_secs(settings.limits.answer_seconds) };
    tracing::info!(%at, tls = settings.tls.is_some(), "listening");
    let served = if let Some(tls) = &settings.tls {
        let config = tls::config(tls, app.clock.now()).await?;
        let acceptor = RustlsAcceptor::new(config).acceptor(patience);
        let mut server = axum_server::bind(at).acceptor(acceptor).handle(handle).http1_only();
        server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(receive);
        server.serve(service).await
    } else {
        let mut server = axum_server::bind(at).acceptor(patience).handle(handle).http1_only();
        server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(receive);
        server.serve(service).await
    };
    served.map_err(|source| ServeError::Listen { at, source })
}

/// `/metrics` at an address of its own: figures are for the operator, not for whoever reaches the console.
async fn serve_figures(app: App, at: SocketAddr) {
    let figures = get(move || async move { app.figures.to_text() });
    let router = Router::new().route("/metrics", figures);
    if let Err(error) = axum_server::bind(at).serve(router.into_make_service()).await {
        tracing::error!(%at, %error, "metrics");
    }
}

/// Ended sessions, and answers to writes of yesterday, are forgotten every ten minutes.
async fn sweep(app: App) {
    let mut every = tokio::time::interval(Duration::from_secs(600));
    loop {
        every.tick().await;
        let (life, now) = (app.settings.sessions, app.clock.now());
        let swept = app.desk.run(move |desk| {
            desk.register.forget_answers(once::since(now))?;
            Ok(Session::sweep(desk.connection(), life, now)?)
        });
        let swept = swept.await;
        tracing::debug!(swept = swept.unwrap_or_default(), "sessions");
    }
}

async fn stop_on_signal(handle: Handle<SocketAddr>, seconds: u64) {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        _ = interrupted => {}
        () = terminated => {}
    }
    tracing::info!(seconds, "stopping");
    handle.graceful_shutdown(Some(Duration::from_secs(seconds)));
}
