//! Cutting a connection that came in with a certificate.
//!
//! Mosquitto reads a new list of revoked certificates for new connections only. Who is in is put out by the protocol's own
//! means: a second connection under the same client id ends the first one (MQTT 5, 3.1.4-3).

use super::BrokerAddress;
use rumqttc::Outgoing;
use rumqttc::v5::mqttbytes::v5::{ConnectReturnCode, Packet};
use rumqttc::v5::{AsyncClient, Event, MqttOptions};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);

/// Takes over the edge's connection, if it has one, and lets it go.
pub(super) async fn cut(
    address: &BrokerAddress,
    edge: &str,
    credentials: Option<&(String, String)>,
) -> Result<(), String> {
    let mut options = MqttOptions::new(edge, address.host.clone(), address.port);
    options.set_transport(address.transport()).set_clean_start(true);
    if let Some((user, password)) = credentials {
        options.set_credentials(user, password);
    }
    let (client, mut events) = AsyncClient::new(options, 2);
    let taken = async {
        loop {
            match events.poll().await.map_err(|error| error.to_string())? {
                Event::Incoming(Packet::ConnAck(ack)) if ack.code == ConnectReturnCode::Success => {
                    client.try_disconnect().map_err(|error| error.to_string())?;
                }
                Event::Incoming(Packet::ConnAck(ack)) => return Err(format!("refused: {:?}", ack.code)),
                Event::Outgoing(Outgoing::Disconnect) => return Ok(()),
                _ => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, taken).await.unwrap_or_else(|_| Err("the broker does not answer".into()))
}
