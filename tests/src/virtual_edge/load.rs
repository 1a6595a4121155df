//! Load: virtual edges that together make so many events a second, however many edges there are.

use crate::clock;
use crate::virtual_edge::VirtualEdge;
use futures_util::future::try_join_all;
use std::time::Duration;

/// How often each edge pushes what is due, as one commit.
const TICK: Duration = Duration::from_millis(100);

/// How much for how long.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Events a second of all edges together.
    pub per_s: u64,
    /// How long.
    pub length: Duration,
}

impl Load {
    /// Events that the edge in place `nth` of `edges` should have made by a time since the start.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive count")]
    #[allow(clippy::cast_precision_loss, reason = "a rate is small")]
    fn due(&self, since: Duration, (nth, edges): (u64, u64)) -> u64 {
        let all = (since.min(self.length).as_secs_f64() * self.per_s as f64) as u64;
        (all + edges - 1 - nth) / edges
    }

    /// Lets the edges make it; answers how many events a second they made.
    ///
    /// # Errors
    /// When an outbox refuses.
    #[allow(clippy::cast_precision_loss, reason = "small counts")]
    pub async fn run(&self, edges: &[VirtualEdge]) -> anyhow::Result<f64> {
        let start = clock::instant();
        let count = edges.len() as u64;
        let mut made = vec![0; edges.len()];
        let mut tick = tokio::time::interval_at(start.into(), TICK);
        loop {
            let since = start.elapsed();
            let pushes = edges.iter().zip(&mut made).zip(0..).filter_map(|((edge, made), nth)| {
                let more = self.due(since, (nth, count)) - *made;
                *made += more;
                (more > 0).then(|| edge.push_events(more))
            });
            try_join_all(pushes).await?;
            if since >= self.length {
                return Ok(made.iter().sum::<u64>() as f64 / start.elapsed().as_secs_f64());
            }
            tick.tick().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::virtual_edge::Options;
    use ngatu_protocol::EdgeId;

    #[test]
    fn what_is_due_of_all_edges_is_the_rate_also_where_there_are_more_edges_than_events() {
        for (per_s, edges) in [(50, 100), (200, 7), (1000, 1), (1, 3)] {
            let load = Load { per_s, length: Duration::from_secs(10) };
            for (since, wanted) in [(0, 0), (1, per_s), (4, 4 * per_s), (99, 10 * per_s)] {
                let due = |nth| load.due(Duration::from_secs(since), (nth, edges));
                assert_eq!((0..edges).map(due).sum::<u64>(), wanted, "{per_s}/s of {edges} after {since} s");
                assert!(due(0) - due(edges - 1) <= 1);
            }
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn forty_edges_make_thirty_events_a_second_together() {
        let dir = tempfile::tempdir().unwrap();
        let edges: Vec<_> = (0..40)
            .map(|i| {
                let options = Options {
                    edge: EdgeId::new(format!("e-{i}")).unwrap(),
                    secret: "none".into(),
                    url: "mqtt://127.0.0.1:1".into(),
                    dir: dir.path().join(i.to_string()),
                    max_bytes: 1 << 20,
                };
                VirtualEdge::open(options).unwrap()
            })
            .collect();
        let load = Load { per_s: 30, length: Duration::from_secs(1) };
        let per_s = load.run(&edges).await.unwrap();
        assert_eq!(edges.iter().map(VirtualEdge::made).sum::<u64>(), 30);
        assert!(per_s <= 30.0, "{per_s}");
    }
}
