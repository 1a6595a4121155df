//! Faults: parts are killed, networks cut, disks filled and messages repeated while events flow, and then the
//! accounts are settled: nothing lost, nothing twice, order kept, and the ledger says the same as the tables.
//!
//! Each section runs at a size of the caller's choice: small in `cargo test`, full in `make faults`.
//!
//! Order, per edge and lane, means three things here. The order is that of the numbers, which the edge gives inside its
//! commit: a row has the content and the time of its number (`out_of_order` = 0). The edge is told to forget only what
//! lies before the first gap (the ledger's `upto`). And rows arrive in that order as long as the broker stands and the
//! center is connected to it, whatever happens to edges, their network or the database (`came_late` = 0). Only while
//! nobody is subscribed, after a kill of broker or center, the broker may forget a piece; what follows is then stored
//! before the piece comes again, so each such kill makes at most one late piece in each edge's lane. The policy knows an
//! event that comes late by its number, so that no alert is left standing.

pub mod commit;
pub mod disk;
pub mod drops;
pub mod kills;
pub mod network;
pub mod shed;
pub mod storm;
pub mod tenfold;

use crate::stack::database::Account;
use crate::stack::{Center, Database, StackDir};
use crate::virtual_edge::{Options, VirtualEdge};
use anyhow::ensure;
use ngatu_protocol::{EdgeId, Lane};
use std::fmt;
use std::ops::AddAssign;
use std::sync::Arc;

/// What a section did and found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Parts killed with -9.
    pub kills: u64,
    /// Events whose commit an outbox reported.
    pub events: u64,
    /// Of them, missing in the database and not declared lost.
    pub lost: u64,
    /// Rows beyond the first of a number.
    pub duplicated: u64,
    /// Rows with another number's content or time.
    pub out_of_order: u64,
    /// Pieces of a lane that arrived after what follows them.
    pub came_late: u64,
    /// Observations that were made beside the events and are accounted for like them.
    pub observations: u64,
    /// Kills that hit a system with work under way.
    pub busy_kills: u64,
    /// Checks that this machine does not allow.
    pub skipped: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.kills += other.kills;
        self.events += other.events;
        self.lost += other.lost;
        self.duplicated += other.duplicated;
        self.out_of_order += other.out_of_order;
        self.came_late += other.came_late;
        self.observations += other.observations;
        self.busy_kills += other.busy_kills;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { kills, events, lost, duplicated, .. } = self;
        write!(f, "kills={kills} events={events} lost={lost} duplicated={duplicated}")
    }
}

impl Tally {
    /// Compares the events that one edge committed with what the database and its ledger hold.
    ///
    /// # Errors
    /// When database and ledger disagree with each other, or order was not kept.
    pub async fn settle(
        &mut self,
        database: &Database,
        edge: &str,
        committed: u64,
    ) -> anyhow::Result<Account> {
        self.settle_lane(database, (edge, Lane::Events), committed).await
    }

    /// The same for a lane; see [`Database::account`].
    ///
    /// # Errors
    /// When database and ledger disagree with each other, or order was not kept.
    pub async fn settle_lane(
        &mut self,
        database: &Database,
        (edge, lane): (&str, Lane),
        committed: u64,
    ) -> anyhow::Result<Account> {
        let account = database.account(edge, lane).await?;
        let ledger = database.ledger(edge, lane.as_str()).await?;
        match lane {
            Lane::Events => self.events += committed,
            _ => self.observations += committed,
        }
        self.lost += committed.saturating_sub(account.distinct);
        self.duplicated += account.duplicated();
        self.out_of_order += account.out_of_order;
        self.came_late += account.came_late;
        ensure!(
            account.highest == committed,
            "{edge} {lane}: committed {committed}, the database has {account}"
        );
        ensure!(account.out_of_order == 0, "{edge} {lane}: order was not kept: {account}");
        let agrees =
            ledger.received == account.distinct && ledger.upto == committed && ledger.highest == committed;
        ensure!(agrees && ledger.lost == 0, "{edge} {lane}: the ledger says {ledger:?}, the table {account}");
        Ok(account)
    }

    /// Fails when something arrived late although nothing between the broker and the center was killed.
    ///
    /// # Errors
    /// When a row came before a lower number of its lane.
    pub fn in_order_of_arrival(self) -> anyhow::Result<Tally> {
        ensure!(self.came_late == 0, "{} pieces came late: {self:?}", self.came_late);
        Ok(self)
    }

    /// Whether nothing was lost, doubled or out of order.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.lost == 0 && self.duplicated == 0 && self.out_of_order == 0
    }
}

/// A center of its own for a section.
///
/// # Errors
/// When it does not start.
pub async fn center(name: &str) -> anyhow::Result<Center> {
    Center::start(Arc::new(StackDir::new(name)?)).await
}

/// Enrols an edge and gives the options of a virtual edge that uses it.
///
/// # Errors
/// When enrolment fails.
pub async fn enrolled(center: &Center, edge: &str) -> anyhow::Result<Options> {
    Ok(Options {
        edge: EdgeId::new(edge)?,
        secret: center.enroll(edge).await?,
        url: center.mqtt_url(),
        dir: center.dir().path().join("edges").join(edge),
        max_bytes: 1 << 30,
    })
}

/// A connected virtual edge in this process.
///
/// # Errors
/// When enrolment or the outbox fails.
pub async fn virtual_edge(center: &Center, edge: &str) -> anyhow::Result<VirtualEdge> {
    let mut edge = VirtualEdge::open(enrolled(center, edge).await?)?;
    edge.connect()?;
    Ok(edge)
}
