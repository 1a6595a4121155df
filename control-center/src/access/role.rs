//! What people may do, by role. Pure.

/// What a person may do; each row of the access table names the roles it lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads and acknowledges.
    Operator,
    /// Like an operator, for a whole shift.
    Supervisor,
    /// A police or health unit: sees only what is dispatched to it.
    Unit,
    /// Everything.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 5] = [Role::Viewer, Role::Operator, Role::Supervisor, Role::Unit, Role::Admin];

    /// The word in the database and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Operator => "operator",
            Role::Supervisor => "supervisor",
            Role::Unit => "unit",
            Role::Admin => "admin",
        }
    }

    /// The role of that word, if there is one.
    #[must_use]
    pub fn parse(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == word)
    }
}
