//! Says that a report has come or changed, to those who show reports. Rung in the transaction that does it, so that it is
//! heard once that is committed; a bell may be lost, so it is never more than a hint to look at the reports.

use crate::database::CHANNEL_REPORTS;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;

/// What happened to a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportChange {
    /// It was filed.
    Filed,
    /// Somebody said in which area it lies, and it may be another one than before.
    Placed,
    /// It became part of an incident.
    Linked,
    /// It was rejected.
    Rejected,
    /// It was answered.
    Answered,
    /// The center heard of no report for a moment: any may have come or changed.
    Missed,
}

/// One ring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReportBell {
    /// Which report; none: any.
    pub(crate) number: Option<String>,
    /// What happened to it.
    pub(crate) change: ReportChange,
    /// Where it lay and where it lies now. One that lies nowhere yet is for everybody who triages.
    pub(crate) areas: Vec<Option<String>>,
}

impl ReportBell {
    /// For everybody who triages: look again.
    pub(crate) fn missed() -> ReportBell {
        ReportBell { number: None, change: ReportChange::Missed, areas: vec![None] }
    }

    /// Reads a ring; one that it does not understand is a reason to look.
    pub(crate) fn read(text: &str) -> ReportBell {
        serde_json::from_str(text).unwrap_or_else(|_| ReportBell::missed())
    }

    pub(super) async fn ring(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let text = serde_json::to_string(self).expect("words are JSON");
        sqlx::query("select pg_notify($1, $2)").bind(CHANNEL_REPORTS).bind(text).execute(connection).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bell_reads_back_and_a_foreign_one_says_look_at_all() {
        let areas = vec![None, Some("north".to_owned())];
        let bell = ReportBell { number: Some("R-0000-0001".into()), change: ReportChange::Placed, areas };
        assert_eq!(ReportBell::read(&serde_json::to_string(&bell).unwrap()), bell);
        for foreign in ["", "7", r#"{"number":"R-1","change":"eaten","areas":[]}"#] {
            assert_eq!(ReportBell::read(foreign), ReportBell::missed(), "{foreign}");
        }
    }
}
