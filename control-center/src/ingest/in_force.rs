//! The policy in force, kept from batch to batch until the database says that there is a newer one.

use crate::alerts::policies;
use crate::policy::{Fact, Policy, Says};
use chrono::{DateTime, Utc};
use ngatu_protocol::Phase;
use sqlx::{PgConnection, Row as _};
use std::collections::BTreeSet;

/// The policy, and what it was read from.
#[derive(Debug)]
pub(crate) struct InForce {
    /// Whoever sees another generation in the database holds an old policy.
    pub(crate) generation: i64,
    /// The policy.
    pub(crate) policy: Policy,
    /// Whether something is held off, or may be: then every batch must look there.
    pub(crate) holds_off: bool,
}

impl InForce {
    /// Reads it anew if it changed.
    pub(crate) async fn refresh(
        known: &mut Option<InForce>,
        connection: &mut PgConnection,
        now: DateTime<Utc>,
    ) -> Result<(), sqlx::Error> {
        let row =
            sqlx::query("select generation, exists (select from alert_pending) as held from policy_state")
                .fetch_one(&mut *connection)
                .await?;
        let (generation, held): (i64, bool) = (row.try_get("generation")?, row.try_get("held")?);
        if known.as_ref().is_none_or(|known| known.generation != generation) {
            let (generation, policy) = policies::load(connection, now).await?;
            *known = Some(InForce { generation, policy, holds_off: false });
        }
        if let Some(known) = known {
            known.holds_off = held || known.policy.holds_off();
        }
        Ok(())
    }

    /// What it says of each fact, and the keys of all alerts that these touch.
    pub(crate) fn say(&self, facts: &[Fact<'_>], now: DateTime<Utc>) -> (Vec<Says>, BTreeSet<String>) {
        let says: Vec<Says> = facts.iter().map(|fact| Says::of(&self.policy, fact, now)).collect();
        let keys = says.iter().flat_map(Says::keys).cloned().collect();
        (says, keys)
    }

    /// What ends in these facts, as the members of groups of neighbours; none when there are no such groups.
    pub(crate) fn members(&self, facts: &[Fact<'_>]) -> Vec<String> {
        if !self.policy.has_neighbours() {
            return Vec::new();
        }
        facts.iter().filter(|fact| fact.event.phase == Phase::End).map(Fact::key).collect()
    }
}

/// The cameras of facts.
pub(crate) fn places<'a>(facts: &'a [Fact<'_>]) -> BTreeSet<(&'a str, &'a str)> {
    facts.iter().filter_map(|fact| Some((fact.edge.as_str(), fact.camera?.as_str()))).collect()
}
