//! The schema of the Common Alerting Protocol that OASIS published, as a judge of documents.

use std::path::Path;
use std::process::{Command, Stdio};

/// What the schema's validator says of a document; nothing when it is valid.
pub(crate) fn complaints(document: &str) -> String {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.setup/schema/CAP-v1.2.xsd");
    assert!(schema.exists(), "{} is missing: run `make setup`", schema.display());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("message.xml");
    std::fs::write(&file, document).unwrap();
    let output = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .args([&schema, &file])
        .stdin(Stdio::null())
        .output()
        .expect("xmllint of package libxml2-utils");
    if output.status.success() {
        return String::new();
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.is_empty() { format!("{}", output.status) } else { said }
}
