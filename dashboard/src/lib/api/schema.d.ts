/** Made by `npm run types` of the center's OpenAPI document: not to be changed by hand. */

export interface paths {
    "/api/v1/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List alerts
         * @description Those of your areas. The newest first, by when the center raised them.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["list_alerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/acknowledge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Acknowledge many alerts
         * @description All in one transaction. What someone else acknowledged before is named, and hinders nothing.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["acknowledge_alerts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one alert
         * @description Roles: viewer, operator, supervisor, admin.
         */
        get: operations["read_alert"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{id}/acknowledge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Acknowledge an alert
         * @description Says that a person saw it. Of several at once one wins; the winner may repeat it.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["acknowledge_alert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{id}/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Claim an alert
         * @description Says who works on it. Of several at once one wins; the winner may repeat it.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["claim_alert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{id}/dismiss": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Dismiss an alert
         * @description Says what it was, with a reason. It counts as acknowledged then. Another person's verdict only a supervisor changes.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["dismiss_alert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{id}/forward": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Forward an alert
         * @description Hands it to a person or a unit, with a message. The sender's claim ends; who received it claims it.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["forward_alert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{id}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an alert's log
         * @description Who did what when and why, and what the machine did.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["read_alert_log"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release an alert
         * @description Ends a claim: one's own, or as a supervisor anybody's. Releasing what nobody owns changes nothing.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["release_alert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{id}/shelve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Shelve an alert
         * @description Mutes it until a time, for a reason. It comes back by itself, within a second, also when the center was restarted.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["shelve_alert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{id}/unshelve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Unshelve an alert
         * @description Brings it back before its time. What is not shelved stays as it is.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["unshelve_alert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/areas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List areas
         * @description Your own; all of them if you have the whole city.
         *
         *     Roles: viewer, operator, supervisor, unit, admin.
         */
        get: operations["list_areas"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List audit rows
         * @description The newest first. Who does not have the whole city sees what people and machines within their own areas did.
         *
         *     Roles: supervisor, admin.
         */
        get: operations["list_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Verify the chain of audit rows
         * @description Reads all of them. `control-center audit verify` compares them with the checkpoints outside the database as well, so it
         *     also finds a chain that was written anew as a whole.
         *
         *     Roles: supervisor, admin.
         */
        get: operations["verify_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/backtests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a back-test
         * @description Roles: supervisor, admin.
         */
        get: operations["read_backtest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List cameras
         * @description Those of your areas.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["list_cameras"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cameras/{edge}/{camera}/picture": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Look at a camera's newest picture
         * @description Recorded once per person, camera and hour, because screens ask for it every few seconds.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["read_picture"];
        /**
         * Replace a camera's newest picture
         * @description By the camera's own edge. Not recorded: it is replaced every few seconds and is no evidence.
         */
        put: operations["put_picture"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List dead letters
         * @description Nobody can tell of which camera they speak, so they are shown to those who have the whole city.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["list_dead_letters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dispatches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List dispatches
         * @description Roles: viewer, operator, supervisor, admin.
         */
        get: operations["list_dispatches"];
        put?: never;
        /**
         * Send a unit
         * @description The message goes over the unit's channels in their order until somebody reads it; then to the units behind it, and at last
         *     to the supervisor. A unit that is off duty, or does not serve the incident's area, is sent only when `despite` says why; the
         *     reason is kept in the incident's log and in the audit row.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["send_unit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dispatches/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one dispatch
         * @description Roles: viewer, operator, supervisor, admin.
         */
        get: operations["read_dispatch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dispatches/{id}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Note what a unit said, or take a dispatch back
         * @description For units that answer by telephone or radio.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["move_dispatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List edges
         * @description Those with a camera in your areas.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["list_edges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edges/{id}/certificate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for another certificate
         * @description An edge does before the one that it has ends, and when it gets its first one for a secret that it has. At most ten a day.
         */
        post: operations["renew_certificate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edges/{id}/claim-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a claim code for an edge
         * @description Whoever has it gets the edge's credential for it, once, within 24 hours. An older code that was not used holds no longer.
         *
         *     Roles: admin.
         */
        post: operations["make_claim_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edges/{id}/credential": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Take an edge's credential away
         * @description The center takes nothing from it from the next request on, and the private broker cuts its connection.
         *
         *     Roles: admin.
         */
        delete: operations["revoke_credential"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/enroll": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Exchange a claim code for an edge's credential
         * @description Once. Not open to guessing: ten attempts at once and one each six seconds by address, sixty and one each second in all.
         */
        post: operations["enroll"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List events
         * @description Roles: viewer, operator, supervisor, admin.
         */
        get: operations["list_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/evidence/{digest}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Look at a picture
         * @description Each look is recorded.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["read_evidence"];
        /**
         * Keep a picture
         * @description When this answers, the picture is on the center's disk for good and the edge may forget it.
         */
        put: operations["put_evidence"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read your unit's inbox
         * @description What was sent to the units that you are a member of.
         *
         *     Roles: unit.
         */
        get: operations["read_inbox"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inbox/{id}/pictures/{digest}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Look at a picture of a dispatch
         * @description Each look is recorded.
         *
         *     Roles: unit.
         */
        get: operations["read_inbox_picture"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inbox/{id}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Answer a dispatch
         * @description For the people of its unit.
         *
         *     Roles: unit.
         */
        post: operations["answer_dispatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List incidents
         * @description The newest first, by when they were opened. Only those in your areas.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["list_incidents"];
        put?: never;
        /**
         * Open an incident
         * @description From an alert with one click, or from a point on the map. An alert that belongs to an incident already, or whose kind,
         *     place and time say that it belongs to an unfinished one, is answered with that one and 200.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["open_incident"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one incident
         * @description With what it groups, its pictures, and everything that happened to it.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["read_incident"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change an incident
         * @description Assign it, or correct what is known of it. `seq` protects what others changed: 409 says who and what.
         *
         *     Roles: operator, supervisor, admin.
         */
        patch: operations["change_incident"];
        trace?: never;
    };
    "/api/v1/incidents/{id}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close an incident
         * @description After it was resolved. It can be reopened.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["close_incident"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Merge another incident into this one
         * @description Roles: operator, supervisor, admin.
         */
        post: operations["merge_incident"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}/notes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write something down
         * @description At any time, also when the incident is over.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["note_incident"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}/reopen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reopen an incident
         * @description Nothing of what was done is rewritten; the time to resolve it begins anew.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["reopen_incident"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resolve an incident
         * @description The work is done. Mandatory steps that are open stand against it.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["resolve_incident"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}/split": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Split an incident
         * @description Answers the other one: the incident that came back, or the new one.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["split_incident"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}/steps/{step}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Do a step
         * @description Roles: operator, supervisor, admin.
         */
        post: operations["do_incident_step"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}/take": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take an incident
         * @description You work on it from now on. Of several at once one wins, and may repeat it. While a clock calls, anybody may take over.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["take_incident"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}/units": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the units that could be sent
         * @description The best first: those on duty that serve the incident's area; of them the kinds that are usually sent to such an incident,
         *     and units of just this area before those of the whole city. Units off duty or of other areas come last.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["suggest_units"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the ledger
         * @description Of the edges with a camera in your areas.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["read_ledger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The live changes of alerts and incidents, as a websocket
         * @description Needs the session cookie and an `Origin` that is this site, or a token. Text frames, server to client, each a `LiveMessage`:
         *     a `snapshot`, or the changes after `after` and a `heartbeat`; then each `change` and each `incident` of your areas, a `passed` where
         *     changes of alerts were left out, a `report` for those who may read reports, and a `heartbeat` every 15 s.
         *     A client that does not keep up gets `resume` and close 1013; 1008 means that the session has ended; 1001 that the
         *     center stops.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is signed in
         * @description Roles: viewer, operator, supervisor, unit, admin.
         */
        get: operations["read_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change the language
         * @description Roles: viewer, operator, supervisor, unit, admin.
         */
        patch: operations["change_me"];
        trace?: never;
    };
    "/api/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change the password
         * @description Ends all your sessions, on every screen, and begins a new one here. A wrong old password counts as a failure to sign in.
         *
         *     Roles: viewer, operator, supervisor, unit, admin.
         */
        post: operations["change_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/observations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List observations
         * @description Roles: viewer, operator, supervisor, admin.
         */
        get: operations["list_observations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The OpenAPI document */
        get: operations["read_openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List policies
         * @description All versions, the newest first; one is active.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["list_policies"];
        put?: never;
        /**
         * Add a policy
         * @description As a new version, a draft unless `activate` says otherwise. Unknown keys are refused with key and reason.
         *
         *     Roles: supervisor, admin.
         */
        post: operations["add_policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/backtest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin a back-test
         * @description Runs a draft over what is stored of the last days; ask for it until it is done. Two run at once: while they do, the answer
         *     is 429.
         *
         *     Roles: supervisor, admin.
         */
        post: operations["begin_backtest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/proposals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List proposals
         * @description For each rule that people judged wrong more often than right: a changed policy, and what it would have done to the judged
         *     alerts and to all stored events of the rule. To try it on everything begin a back-test, then add and activate it; activating
         *     the version before takes it back.
         *
         *     Roles: supervisor, admin.
         */
        get: operations["list_proposals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a policy
         * @description Roles: viewer, operator, supervisor, admin.
         */
        get: operations["read_policy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/{version}/activate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Activate a policy
         * @description A draft comes into force as it is; a version that was in force before comes back as a new version with the same body.
         *
         *     Roles: supervisor, admin.
         */
        post: operations["activate_policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/procedures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List procedures
         * @description The version in force of each kind of incident; 0 is as shipped.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["list_procedures"];
        /**
         * Change procedures
         * @description Each that differs from the one in force becomes its kind's next version; `version` names the one that it begins from.
         *     All are taken, or none. Incidents that are open keep the version that they were opened with.
         *
         *     Roles: supervisor, admin.
         */
        put: operations["change_procedures"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List reports
         * @description With the reporters' words and contacts, so each look is in the audit. Those in your areas, and those that nobody has
         *     placed in an area yet: they wait for everybody who triages.
         *
         *     Roles: operator, supervisor, admin.
         */
        get: operations["list_reports"];
        put?: never;
        /**
         * File a report
         * @description Open without a session. A browser that asks for HTML is sent to the report's page.
         */
        post: operations["file_report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reports/form": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Begin a report
         * @description What a program needs to show a form and to send it.
         */
        get: operations["begin_report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reports/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See what became of a report
         * @description Open without a session, for who has the number and the key.
         */
        get: operations["read_report_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reports/{number}/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Answer a report
         * @description Roles: operator, supervisor, admin.
         */
        post: operations["answer_report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reports/{number}/area": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say in which area a report lies
         * @description The people of that area see it from now on. One that is part of an incident stays where it is.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["place_report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reports/{number}/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a report part of an incident
         * @description Roles: operator, supervisor, admin.
         */
        post: operations["link_report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reports/{number}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reject a report
         * @description Roles: operator, supervisor, admin.
         */
        post: operations["reject_report"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in
         * @description Sets the session cookie: `__Host-session`, or `session` where plain HTTP was asked for. Five failures within 30 s
         *     lock the name for 5 minutes.
         */
        post: operations["sign_in"];
        /**
         * Sign out
         * @description Ends all your sessions, on every screen: their websockets are closed at once. A machine's token is not a session and
         *     stays. Who came through an OpenID provider that offers it is told where to be signed out there too.
         *
         *     Roles: viewer, operator, supervisor, unit, admin.
         */
        delete: operations["sign_out"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/ways": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How people may sign in */
        get: operations["read_sign_in_ways"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/signals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a signal
         * @description A reading of a sensor, or a message of another system. It is stored once for each `source` and `id`. By the source's
         *     thresholds it is a reading only, or opens or joins an incident of its kind. Where the city file names a source's `senders`,
         *     nobody else speaks for it; otherwise people do, and of tokens those that were made with the source among their `sources`.
         *
         *     Roles: operator, supervisor, admin.
         */
        post: operations["send_signal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/silences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List silences
         * @description Those whose areas are all your own.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["list_silences"];
        put?: never;
        /**
         * Add a silence
         * @description What fits it is raised muted within its window: on record, but nobody has to look.
         *
         *     Roles: supervisor, admin.
         */
        post: operations["add_silence"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/silences/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End a silence
         * @description What it muted and still lasts comes back within a second. One that is over stays as it is.
         *
         *     Roles: supervisor, admin.
         */
        delete: operations["end_silence"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/statistics/alarm-load": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Measure the alarm load
         * @description Of your areas: alerts per operator and 10 minutes, floods, shares of severities, top, chattering and stale sources.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["read_alarm_load"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/statistics/precision": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read precision
         * @description Of your areas: how often the alerts of each camera's rule were judged true, with its 95 % interval, the worst first.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["read_precision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List API tokens
         * @description Roles: admin.
         */
        get: operations["list_tokens"];
        put?: never;
        /**
         * Make an API token
         * @description Roles: admin.
         */
        post: operations["make_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an API token
         * @description It holds no longer from the next request on, and its live connections are closed.
         *
         *     Roles: admin.
         */
        delete: operations["revoke_token"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tracks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List tracks
         * @description Roles: viewer, operator, supervisor, admin.
         */
        get: operations["list_tracks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/units": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List units
         * @description Those that serve one of your areas. Who is no administrator sees only the host of a webhook.
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["list_units"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/units/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Make or change a unit
         * @description Roles: admin.
         */
        put: operations["put_unit"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List people
         * @description Those whose areas lie within your own.
         *
         *     Roles: admin.
         */
        get: operations["list_users"];
        put?: never;
        /**
         * Add a person
         * @description Roles: admin.
         */
        post: operations["add_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one person
         * @description Roles: admin.
         */
        get: operations["read_user"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change a person
         * @description Another role, other areas, another password, another subject, and being disabled end all their sessions; their live
         *     connections are closed within 5 s. The last enabled administrator of the whole city stays one.
         *
         *     Roles: admin.
         */
        patch: operations["change_user"];
        trace?: never;
    };
    "/api/v1/users/{id}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Sign a person out everywhere
         * @description Ends all their sessions; their live connections are closed at once. They may sign in again.
         *
         *     Roles: admin.
         */
        delete: operations["end_user_sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cap/v1/alerts/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one CAP message
         * @description Roles: viewer, operator, supervisor, admin.
         */
        get: operations["read_cap_message"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cap/v1/feed.atom": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the feed of CAP messages
         * @description Those of your areas, the newest first, 100 on a page; the link `next` leads to the page after (RFC 5005).
         *
         *     Roles: viewer, operator, supervisor, admin.
         */
        get: operations["read_cap_feed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process answers */
        get: operations["healthz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/link/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Open a dispatch by its link
         * @description A page for a phone, in Vietnamese and English.
         */
        get: operations["open_link"];
        put?: never;
        /** Answer a dispatch by its link */
        post: operations["answer_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/link/{token}/pictures/{digest}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Look at a picture by a link
         * @description Each look is recorded.
         */
        get: operations["read_link_picture"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oidc/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Come back from the OpenID provider
         * @description For browsers: begins the session and leads to where the person wanted to go, or shows a page that says what went wrong,
         *     in Vietnamese and English. It does not say whether somebody is known here.
         */
        get: operations["finish_oidc"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oidc/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Go and sign in at the OpenID provider
         * @description For browsers: sends them there, with a cookie for 10 minutes that the way back needs.
         */
        get: operations["start_oidc"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether every part does its work */
        get: operations["readyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The form for citizens
         * @description A page that needs no script. Open without a session.
         */
        get: operations["report_form_page"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/report/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The page of a report's state
         * @description Open without a session, for who has the number and the key.
         */
        get: operations["report_status_page"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Which alerts. */
        AcknowledgeAlerts: {
            /** @description Their ids, at most 500. */
            ids: string[];
        };
        /** @description What became of each. */
        AcknowledgedAlerts: {
            /** @description Acknowledged by you, now or before. */
            acknowledged: components["schemas"]["Alert"][];
            /** @description Acknowledged by someone else before. */
            taken: components["schemas"]["TakenAlert"][];
            /** @description There are no such alerts. */
            unknown: string[];
        };
        /** @description What the alerts ask of the operators, after EEMUA 191 and ISA-18.2. Muted alerts ask nothing and are not counted. */
        AlarmLoad: {
            /**
             * Format: double
             * @description Seconds from raised to acknowledged of half of those that were acknowledged.
             */
            acknowledged_p50_s: number | null;
            /**
             * Format: double
             * @description The same of 95 %.
             */
            acknowledged_p95_s: number | null;
            /** @description Share of false ones among those judged true or false, with its interval. */
            false_share: components["schemas"]["Share"];
            /**
             * Format: date-time
             * @description Begin.
             */
            from: string;
            /** @description Rates, priorities, top sources and chattering ones. */
            load: components["schemas"]["Load"];
            /**
             * Format: int32
             * @description Operator positions that share the alerts.
             */
            operators: number;
            /** @description These, the oldest first; at most 100. */
            stale: components["schemas"]["Alert"][];
            /**
             * Format: int64
             * @description How many alerts are active for more than 24 hours.
             */
            stale_count: number;
            /**
             * Format: date-time
             * @description End.
             */
            to: string;
        };
        /** @description An alert as the API and the websocket show it, and as `alert_log.alert_row` keeps it. */
        Alert: {
            /**
             * Format: date-time
             * @description When a person acknowledged it. Set by people.
             */
            acknowledged_at: string | null;
            acknowledged_by: components["schemas"]["Person"] | null;
            /** @description Whether the condition lasts. Set by the machine. */
            active: boolean;
            /** @description The area in which the camera lay when it was raised. */
            area: string | null;
            /** @description The camera that saw it, if one did. */
            camera: string | null;
            /** @description What people call the camera. */
            camera_name: string | null;
            /**
             * Format: date-time
             * @description Since when.
             */
            claimed_at: string | null;
            /** @description Class of the newest road user in it. */
            class: string | null;
            /**
             * Format: date-time
             * @description When the condition ended, by the edge's clock.
             */
            cleared_at: string | null;
            /**
             * Format: double
             * @description How sure the detector was of that, 0..=1.
             */
            confidence: number | null;
            /**
             * Format: int64
             * @description How many start events were merged into it.
             */
            count: number;
            /** @description The edge that saw it. */
            edge: string;
            /**
             * Format: date-time
             * @description Time of the first event, by the edge's clock.
             */
            first_at: string;
            forwarded_to: components["schemas"]["Forwarded"] | null;
            /**
             * Format: uuid
             * @description Its id, UUID v7.
             */
            id: string;
            /** @description The kind of event, such as `intrusion`. */
            kind: string;
            /**
             * Format: date-time
             * @description Time of the newest event, by the edge's clock.
             */
            last_at: string;
            muted: components["schemas"]["Mute"] | null;
            owner: components["schemas"]["Person"] | null;
            place: components["schemas"]["AlertPlace"] | null;
            /**
             * Format: date-time
             * @description When the center raised it, by its own clock.
             */
            raised_at: string;
            /** @description The rule that stated it. */
            rule: string;
            /**
             * Format: int64
             * @description Number of its newest change in the alert log.
             */
            seq: number;
            /** @description How much it matters. */
            severity: components["schemas"]["Severity"];
            shelved: components["schemas"]["Shelf"] | null;
            /** @description Address of the picture, under the same host. */
            snapshot_url: string | null;
            verdict: components["schemas"]["Judged"] | null;
            why: components["schemas"]["Reason"] | null;
            /** @description The zone that the rule watches. */
            zone: string | null;
        };
        /** @description A page of the history of an alert: the newest changes, of these the oldest first. */
        AlertLog: {
            /** @description The changes. */
            items: components["schemas"]["AlertLogEntry"][];
            /** @description For the changes before these; none when there are no older ones. */
            next_cursor: string | null;
        };
        /** @description One change. */
        AlertLogEntry: {
            actor: components["schemas"]["Person"] | null;
            /**
             * Format: date-time
             * @description When, by the center's clock.
             */
            at: string;
            /** @description What changed. */
            change: components["schemas"]["Change"];
            /** @description Why, as far as the change has a reason: the fields depend on it. */
            detail: Record<string, never>;
            /**
             * Format: int64
             * @description Its number in the log of all alerts.
             */
            seq: number;
        };
        /** @description A page of alerts, the newest first. */
        AlertPage: {
            /** @description The alerts. */
            items: components["schemas"]["Alert"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
            /** @description How many alerts nobody has acknowledged or shelved, whatever the filters. */
            open: components["schemas"]["OpenAlerts"];
        };
        /** @description A place on the earth, WGS 84 degrees. */
        AlertPlace: {
            /**
             * Format: double
             * @description Latitude.
             */
            lat: number;
            /**
             * Format: double
             * @description Longitude.
             */
            lon: number;
        };
        /** @description A source and what it asks of the operators. */
        AlertSource: {
            /**
             * Format: int64
             * @description How often: alerts among the top sources, most activations within a minute among those that chatter.
             */
            count: number;
            /**
             * Format: date-time
             * @description When, the last time.
             */
            last_at: string;
            /**
             * Format: double
             * @description Share of all alerts, 0..=1.
             */
            share: number;
            /** @description `edge/camera/rule`. */
            source: string;
        };
        /** @description The answer. */
        Answer: {
            /** @description What the policy in force raises from the events that are stored; for a rule: of the rule of that name. */
            active: components["schemas"]["Tally"];
            /** @description What the draft would have raised. */
            draft: components["schemas"]["Tally"];
            /**
             * Format: date-time
             * @description Begin.
             */
            from: string;
            /**
             * Format: date-time
             * @description End.
             */
            to: string;
            /**
             * Format: int64
             * @description Stored tracks that were played; none for a policy.
             */
            tracks: number | null;
        };
        /** @description What the page's buttons send. */
        AnswerByLink: {
            /** @description What is said with it; needed with `refused`. */
            answer?: string;
            /** @description `read`, `accepted`, `on_scene`, `done` or `refused`. */
            state: components["schemas"]["DispatchState"];
        };
        /** @description How well reports were answered. */
        AnswerClock: {
            /**
             * Format: int64
             * @description Reports of the last 30 days that were answered or rejected.
             */
            answered: number;
            /**
             * Format: int64
             * @description Those of them that were in time.
             */
            on_time: number;
            /**
             * Format: double
             * @description `on_time / (answered + overdue)`; none when there is nothing to measure.
             */
            on_time_ratio: number | null;
            /**
             * Format: int64
             * @description Reports of the last 30 days whose time is over without an answer.
             */
            overdue: number;
        };
        /** @description What the reporter is told. */
        AnswerReport: {
            /** @description The answer; the reporter reads it. */
            text: string;
        };
        /** @description A part of the city. */
        Area: {
            /** @description Its id. */
            id: string;
            /** @description What people call it. */
            name: string;
        };
        /** @description A page of areas. */
        AreaList: {
            /** @description The areas, by id. */
            items: components["schemas"]["Area"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /** @description A request for a certificate. */
        AskCertificate: {
            /** @description A certificate signing request as PEM, for the edge's own key. */
            csr: string;
        };
        /** @description Whether the chain of audit rows is whole. */
        AuditCheck: {
            /**
             * Format: date-time
             * @description When it was verified.
             */
            at: string;
            /**
             * Format: int64
             * @description The number of the first bad row.
             */
            first_bad: number | null;
            /** @description What is wrong with it. */
            problem: string | null;
            /**
             * Format: int64
             * @description How many rows were verified; those before the first bad one when it is not whole.
             */
            rows: number;
            /** @description Whether no row was changed, deleted or moved. */
            whole: boolean;
        };
        /** @description A page of audit rows, the newest first. */
        AuditPage: {
            /** @description The rows. */
            items: components["schemas"]["AuditRow"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /** @description One act. */
        AuditRow: {
            /** @description What, such as `alert.acknowledge`. */
            action: string;
            actor: components["schemas"]["Person"] | null;
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description What else is worth knowing. */
            detail: unknown;
            /** @description SHA-256 over this row and the hash of the one before, as `control-center audit verify` checks it. */
            hash: string;
            /**
             * Format: int64
             * @description Its number: without holes, in the order in which the acts were committed.
             */
            id: number;
            /** @description On what, such as an alert's id. */
            subject: string;
        };
        /**
         * @description How far a back-test is.
         * @enum {string}
         */
        BacktestState: "running" | "done" | "failed";
        /** @description A back-test. */
        BacktestStatus: {
            /**
             * Format: date-time
             * @description When it began.
             */
            at: string;
            /** @description Who asked. */
            author: components["schemas"]["Person"];
            /** @description Why there is none. */
            error: string | null;
            /**
             * Format: uuid
             * @description Its id.
             */
            id: string;
            /**
             * Format: double
             * @description Share that is done, 0..=1.
             */
            progress: number;
            result: components["schemas"]["Answer"] | null;
            /** @description How far it is. */
            state: components["schemas"]["BacktestState"];
        };
        /** @description A camera and how it is doing. */
        Camera: {
            /**
             * Format: int64
             * @description Alerts whose condition lasts.
             */
            active_alerts: number;
            /** @description The area in which it lies. */
            area: string | null;
            /** @description `onnx` or `motion`. */
            detector: string | null;
            /** @description Its edge. */
            edge: string;
            /** @description The source's last error, for people. */
            error: string | null;
            /**
             * Format: double
             * @description Analysed frames per second in the last period.
             */
            fps_analysed: number | null;
            /**
             * Format: double
             * @description Decoded frames per second in the last period.
             */
            fps_in: number | null;
            /**
             * Format: date-time
             * @description When its edge last told how it is doing.
             */
            health_at: string | null;
            /**
             * Format: int32
             * @description Height of the stream, pixels.
             */
            height_px: number | null;
            /** @description Its id, unique within the edge. */
            id: string;
            /** @description What people call it. */
            name: string;
            /**
             * Format: date-time
             * @description When the newest picture was taken.
             */
            picture_at: string | null;
            /** @description Where the newest picture is. */
            picture_url: string | null;
            place: components["schemas"]["Place"] | null;
            /** @description Whether it is seen. */
            state: components["schemas"]["CameraState"];
            /**
             * Format: int32
             * @description Width of the stream, pixels.
             */
            width_px: number | null;
        };
        /** @description A page of cameras. */
        CameraList: {
            /** @description The cameras, by edge and id. */
            items: components["schemas"]["Camera"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /** @enum {string} */
        CameraState: "online" | "lost" | "edge_offline" | "unknown";
        /** @description A device's certificate. */
        Certificate: {
            /** @description The certificate of the authority that signed it and the center's own ones, as PEM. */
            ca: string;
            /**
             * Format: date-time
             * @description When it ends. Renew it before: `POST /api/v1/edges/{id}/certificate`.
             */
            expires_at: string;
            /** @description The certificate as PEM. Its name is the edge's id, whatever the request said. */
            pem: string;
        };
        /**
         * @description What happened to an alert.
         * @enum {string}
         */
        Change: "raised" | "repeated" | "cleared" | "acknowledged" | "claimed" | "released" | "forwarded" | "shelved" | "unshelved" | "dismissed" | "inhibited";
        /** @description What changes; what is left out stays. */
        ChangeIncident: {
            /** @description Its kind: the incident takes the kind's procedure and keeps what was done. */
            kind?: string | null;
            /**
             * Format: uuid
             * @description Who works on it; null: nobody.
             */
            owner?: string | null;
            place?: components["schemas"]["AlertPlace"] | null;
            /**
             * Format: int64
             * @description The number of the newest change that you saw: refused when somebody changed the incident since.
             */
            seq?: number | null;
            severity?: components["schemas"]["Severity"] | null;
            /** @description What people call it. */
            title?: string | null;
            /** @description The unit that it is meant for; null: none. */
            unit?: string | null;
        };
        /** @description Procedures that are to be in force. */
        ChangeProcedures: {
            /** @description Kinds that are not named stay as they are. */
            items: components["schemas"]["Procedure"][];
        };
        /** @description A way to reach a unit. */
        Channel: {
            /** @enum {string} */
            kind: "inbox";
        } | {
            /** @description How the body is written. */
            format?: components["schemas"]["WebhookFormat"];
            /** @enum {string} */
            kind: "webhook";
            /** @description Where to, `https://…`; `http://` only where the configuration allows the network. */
            url: string;
        } | {
            /** @enum {string} */
            kind: "mail";
            /** @description Where to. */
            to: string;
        } | {
            /** @enum {string} */
            kind: "mqtt";
        };
        /** @description A claim code. */
        ClaimCode: {
            /**
             * @description To be typed at the device: `edge-agent enroll --code …`. It is told this once.
             * @example 7K3M-…
             */
            code: string;
            /**
             * Format: date-time
             * @description Until when it can be used.
             */
            expires_at: string;
        };
        /**
         * @description What a clock waits for.
         * @enum {string}
         */
        ClockKind: "acknowledge" | "on_scene" | "resolve";
        /**
         * @description What an incident turned out to be: its closing code.
         * @enum {string}
         */
        ClosingCode: "true" | "false" | "test" | "duplicate";
        /** @description An edge's credential. */
        Credential: {
            certificate: components["schemas"]["Certificate"] | null;
            /** @description The edge, which is also the user name. */
            edge: string;
            /**
             * Format: password
             * @description The secret, which is told this once.
             */
            secret: string;
        };
        /** @description A message that was refused. */
        DeadLetter: {
            /** @description The edge that sent it, where known. */
            edge: string | null;
            /**
             * Format: int64
             * @description Its id.
             */
            id: number;
            /** @description The first 4 KiB of it; what is no UTF-8 is shown as U+FFFD. */
            raw: string;
            /** @description Why it was refused. */
            reason: string;
            /**
             * Format: date-time
             * @description When it arrived, by the center's clock.
             */
            received_at: string;
            /**
             * Format: int64
             * @description Its number, where it could be read.
             */
            sequence: number | null;
            /** @description The topic that it came on. */
            topic: string;
        };
        /** @description A page of dead letters, the newest first. */
        DeadLetterPage: {
            /** @description The dead letters. */
            items: components["schemas"]["DeadLetter"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /** @description How a message on one channel went. */
        Delivery: {
            /**
             * Format: int32
             * @description Attempts made.
             */
            attempts: number;
            /**
             * Format: uuid
             * @description The message that this one takes back.
             */
            cancels: string | null;
            /**
             * Format: int32
             * @description Which of the unit's channels, from 0.
             */
            channel: number;
            /**
             * Format: date-time
             * @description When it was written down.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was delivered or given up.
             */
            done_at: string | null;
            /** @description What went wrong at the last one. */
            error: string | null;
            /**
             * Format: uuid
             * @description Its id, the same at every attempt: `webhook-id`, `Message-ID`, the event's id.
             */
            id: string;
            /** @description `inbox`, `webhook`, `mail` or `mqtt`. */
            kind: string;
            /**
             * Format: date-time
             * @description When the next one is due.
             */
            next_at: string | null;
            /** @description `pending`, `delivered` or `failed`. */
            state: string;
            /** @description Where to. */
            target: string;
        };
        /**
         * @description What it was.
         * @example {
         *       "reason": "shadow",
         *       "verdict": "false"
         *     }
         */
        DismissAlert: {
            /** @description What else is worth knowing. */
            note?: string | null;
            /** @description The reason's code. */
            reason: string;
            /** @description Whether what the rule stated was so. */
            verdict: components["schemas"]["Verdict"];
        };
        /** @description An incident handed to a unit. */
        Dispatch: {
            /** @description What the unit said, such as why it refuses. */
            answer: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            created_by: components["schemas"]["Person"] | null;
            /** @description Its messages, in the order of the unit's channels. */
            deliveries: components["schemas"]["Delivery"][];
            /**
             * Format: uuid
             * @description Its id.
             */
            id: string;
            /**
             * Format: uuid
             * @description The incident.
             */
            incident: string;
            /** @description What people call the incident. */
            incident_number: string;
            /**
             * Format: date-time
             * @description Until when its link works.
             */
            link_until: string;
            /** @description What the center asks. */
            note: string;
            /** @description Whether the next unit or the supervisor was asked because this one did not answer. */
            passed_on: boolean;
            /** @description How far the unit has come. */
            state: components["schemas"]["DispatchState"];
            /** @description When it reached which state. */
            times: {
                [key: string]: string;
            };
            /** @description The unit. */
            unit: string;
        };
        /** @description A page of dispatches, the newest first. */
        DispatchPage: {
            /** @description The dispatches. */
            items: components["schemas"]["Dispatch"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /**
         * @description How far a dispatch has come. Each state has its own time; a later one does not invent the time of an earlier one.
         * @enum {string}
         */
        DispatchState: "queued" | "sent" | "delivered" | "read" | "accepted" | "on_scene" | "done" | "refused" | "failed" | "recalled";
        /** @description What happened to a step. */
        DoStep: {
            /**
             * @description Why it is left out.
             * @default null
             */
            reason: string | null;
            /**
             * @description What was done with it; `done` when it is left out.
             * @default done
             */
            state: components["schemas"]["StepState"];
        };
        /** @description An edge agent and how it is doing. */
        Edge: {
            /**
             * Format: date-time
             * @description When its certificate ends; none when it has none.
             */
            certificate_expires_at: string | null;
            /**
             * Format: int64
             * @description Its clock against the center's, ms.
             */
            clock_skew_ms: number | null;
            /** @description Why it does not run the newest. */
            config_error: string | null;
            /**
             * Format: int64
             * @description The version that it runs.
             */
            config_running: number | null;
            /**
             * Format: int64
             * @description The version of its configuration here.
             */
            config_version: number;
            /**
             * Format: int64
             * @description Messages of it that were refused.
             */
            dead_letters: number;
            /**
             * Format: int64
             * @description Free bytes on the disk of its outbox.
             */
            disk_free_bytes: number | null;
            /** @description Its id. */
            id: string;
            /**
             * Format: date-time
             * @description When anything came from it last.
             */
            last_seen: string | null;
            /** @description What people call it. */
            name: string;
            /** @description Whether it is connected to the broker. */
            online: boolean;
            /** @description Messages that wait in its outbox, by lane. */
            outbox_depth: {
                [key: string]: number;
            };
            /**
             * Format: int64
             * @description Pictures of events that it gave up because their folder was full, since its agent started.
             */
            pictures_dropped: number | null;
            /** @description Why its pictures wait; none while they are taken. */
            pictures_error: string | null;
            /**
             * Format: int64
             * @description Pictures of events that this center did not take, since its agent started.
             */
            pictures_refused: number | null;
            /**
             * Format: double
             * @description Its hottest part, °C.
             */
            temperature_c: number | null;
            /** @description The agent's version. */
            version: string | null;
        };
        /** @description A page of edges. */
        EdgeList: {
            /** @description The edges, by id. */
            items: components["schemas"]["Edge"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /** @description A claim code, as somebody typed it. */
        Enroll: {
            /** @description The code. */
            code: string;
            /**
             * @description A certificate signing request as PEM, for the edge's own key; without it, and where certificates are not switched on, the
             *     edge gets a secret alone.
             */
            csr?: string | null;
        };
        /** @description Whom a clock calls when it has run out. */
        Escalation: {
            /** @description One after the other; the last again and again. */
            chain: components["schemas"]["EscalationRung"][];
            /**
             * Format: int64
             * @description Seconds between two calls.
             */
            every_s: number;
            /** @description Names of users who are called at `on_call`. */
            on_call?: string[];
        };
        /**
         * @description Who is called.
         * @enum {string}
         */
        EscalationRung: "owner" | "supervisor" | "on_call";
        /** @description An immutable fact that a rule stated. */
        Event: {
            /** @description The camera that saw it. */
            camera: string | null;
            /** @description The road user's class. */
            class: string | null;
            /**
             * Format: int64
             * @description The edge's estimate of its clock error, ms.
             */
            clock_error_ms: number | null;
            /**
             * Format: double
             * @description How sure the detector was, 0..=1.
             */
            confidence: number;
            /**
             * Format: int64
             * @description The version of the edge's configuration.
             */
            config: number;
            /** @description The edge that saw it. */
            edge: string;
            /**
             * Format: uuid
             * @description Its id, UUID v7.
             */
            id: string;
            /** @description What happened, such as `intrusion`. */
            kind: string;
            /** @description Which detector saw it. */
            model: string | null;
            /**
             * Format: uuid
             * @description The outbox that it came from.
             */
            outbox: string;
            /** @description `start` or `end`. */
            phase: string;
            picture: components["schemas"]["Point"] | null;
            place: components["schemas"]["Place"] | null;
            /**
             * Format: date-time
             * @description When it arrived, by the center's clock.
             */
            received_at: string;
            /** @description The rule that stated it. */
            rule: string;
            /**
             * Format: int64
             * @description Its number in that outbox's lane of events.
             */
            sequence: number;
            /** @description Digest of the picture. */
            snapshot: string | null;
            /** @description Where the picture is. */
            snapshot_url: string | null;
            /**
             * Format: double
             * @description Speed over ground, km/h.
             */
            speed_kmh: number | null;
            /**
             * Format: date-time
             * @description When, by the edge's clock.
             */
            time: string;
            /**
             * Format: int64
             * @description The track, unique per start of the agent.
             */
            track: number | null;
            why: components["schemas"]["Reason"] | null;
            /** @description The zone that the rule watches. */
            zone: string | null;
        };
        /** @description A page of events, the newest first. */
        EventPage: {
            /** @description The events. */
            items: components["schemas"]["Event"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /** @description One alert that would have been raised. */
        Example: {
            /** @description The camera. */
            camera: string | null;
            /**
             * Format: date-time
             * @description When it would have ended, if it did.
             */
            cleared_at: string | null;
            /**
             * Format: double
             * @description How sure the detector was.
             */
            confidence: number | null;
            /**
             * Format: int64
             * @description Events merged into it.
             */
            count: number;
            /** @description The edge. */
            edge: string;
            /**
             * Format: date-time
             * @description When it would have begun.
             */
            first_at: string;
            /** @description The kind of event. */
            kind: string;
            /** @description The rule. */
            rule: string;
            /** @description How much it would have mattered. */
            severity: components["schemas"]["Severity"];
            /** @description The picture's address. */
            snapshot_url: string | null;
            /** @description The zone. */
            zone: string | null;
        };
        /** @description A report as a form. */
        FileReport: {
            /** @description The area that it lies in, of those that the form offers. */
            area?: string | null;
            /** @description From the form that was begun. */
            begun: string;
            /** @description `yes`. */
            consent: string;
            /** @description How to reach the reporter. */
            contact?: string | null;
            /** @description One of the kinds of incident. */
            kind: string;
            /** @description `vi` or `en`. */
            language?: string | null;
            /**
             * Format: double
             * @description Where, on the map.
             */
            lat?: number | null;
            /** Format: double */
            lon?: number | null;
            /** @description At most three JPEGs of at most 8 MiB. */
            picture?: string[] | null;
            /** @description Where, in words. */
            place?: string | null;
            /** @description What happened. */
            text: string;
            /** @description Stays empty: programs that fill in everything give themselves away. */
            website?: string | null;
        };
        /**
         * @description To whom, and what to tell them: exactly one of `user` and `unit`.
         * @example {
         *       "message": "Xem giúp camera hướng bắc",
         *       "user": "minh"
         *     }
         */
        ForwardAlert: {
            /** @description What to tell them, 1 to 1,000 characters. */
            message: string;
            /** @description A unit's id. */
            unit?: string | null;
            /** @description The name with which a person signs in. */
            user?: string | null;
        };
        /** @description Handed to someone else: exactly one of `user` and `unit`. */
        Forwarded: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description Who sent it. */
            by: components["schemas"]["Person"];
            /** @description What the sender adds. */
            message: string;
            /** @description The unit. */
            unit: string | null;
            user: components["schemas"]["Person"] | null;
        };
        /**
         * @description What events of one alert have in common.
         * @enum {string}
         */
        GroupBy: "rule" | "zone" | "kind";
        /** @description What counts as one alert. */
        Grouping: {
            /** @description What must be the same besides the camera. */
            by?: components["schemas"]["GroupBy"][];
            /**
             * Format: double
             * @description Cameras this close to each other count as one, metres.
             */
            metres?: number | null;
            /**
             * Format: double
             * @description A condition that comes back this soon after it ended is the same alert, seconds.
             */
            within_s?: number;
        };
        /** @description What a unit has to do. */
        Inbox: {
            /** @description The newest first. */
            items: components["schemas"]["InboxItem"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /** @description A dispatch as its unit sees it. */
        InboxItem: {
            /** @description The dispatch. */
            dispatch: components["schemas"]["Dispatch"];
            /** @description The incident. */
            incident: components["schemas"]["Incident"];
            /** @description Its pictures: addresses under `/api/v1/inbox/{id}/pictures/{digest}`. */
            pictures: string[];
        };
        /** @description An incident. */
        Incident: {
            /** @description The area that it lies in, if any. */
            area: string | null;
            /** @description By when what must have happened. */
            clocks: components["schemas"]["IncidentClock"][];
            /**
             * Format: date-time
             * @description When it was closed.
             */
            closed_at: string | null;
            /**
             * Format: date-time
             * @description When the next clock runs out, or calls again.
             */
            escalate_at: string | null;
            /**
             * Format: uuid
             * @description Its id, UUID v7.
             */
            id: string;
            /**
             * @description The kind, one of the procedures'.
             * @example traffic_accident
             */
            kind: string;
            /**
             * Format: date-time
             * @description When the newest of its sources happened.
             */
            last_source_at: string;
            /**
             * Format: uuid
             * @description The incident that it was merged into.
             */
            merged_into: string | null;
            /**
             * @description What people call it: the year and a number without gaps, such as `2026-000123`.
             * @example 2026-000123
             */
            number: string;
            /**
             * Format: date-time
             * @description When it was opened, by the center's clock.
             */
            opened_at: string;
            opened_by: components["schemas"]["Person"] | null;
            /** @description What opened it. */
            origin: components["schemas"]["IncidentOrigin"];
            owner: components["schemas"]["Person"] | null;
            place: components["schemas"]["AlertPlace"] | null;
            /**
             * Format: int64
             * @description The version of the kind's procedure that holds for it.
             */
            procedure: number;
            /**
             * Format: date-time
             * @description When the work was done.
             */
            resolved_at: string | null;
            /**
             * Format: int64
             * @description Number of its newest change in the incident log. A write may name the one that its author saw.
             */
            seq: number;
            /** @description How much it matters. */
            severity: components["schemas"]["Severity"];
            /**
             * Format: int64
             * @description How many alerts, reports and signals it groups.
             */
            sources: number;
            /** @description How far the work is. */
            status: components["schemas"]["IncidentStatus"];
            /** @description The steps of the procedure. */
            steps: components["schemas"]["IncidentStep"][];
            /** @description What people call it. */
            title: string;
            /** @description The unit that it is meant for; its clocks count. */
            unit: string | null;
            verdict: components["schemas"]["ClosingCode"] | null;
        };
        /**
         * @description What happened to an incident.
         * @enum {string}
         */
        IncidentChange: "opened" | "source_added" | "taken" | "assigned" | "edited" | "step_done" | "step_skipped" | "step_undone" | "noted" | "on_scene" | "escalated" | "resolved" | "closed" | "reopened" | "merged" | "absorbed" | "split" | "dispatch";
        /** @description One clock of an incident. */
        IncidentClock: {
            /**
             * Format: date-time
             * @description When somebody was called last.
             */
            called_at: string | null;
            /**
             * Format: int32
             * @description How often somebody was called.
             */
            calls: number;
            /**
             * Format: date-time
             * @description By when.
             */
            due_at: string;
            /** @description What it waits for. */
            kind: components["schemas"]["ClockKind"];
            /**
             * Format: date-time
             * @description When it happened; in time or late.
             */
            met_at: string | null;
            /**
             * Format: date-time
             * @description When somebody took the incident after it had called: it calls no more.
             */
            taken_at: string | null;
        };
        /** @description One row of an incident's log. */
        IncidentEntry: {
            actor: components["schemas"]["Person"] | null;
            /**
             * Format: date-time
             * @description When, by the center's clock.
             */
            at: string;
            /** @description What happened. */
            change: components["schemas"]["IncidentChange"];
            /** @description What else is worth knowing; its fields depend on the change. */
            detail: Record<string, never>;
            /**
             * Format: int64
             * @description Its number in the log of all incidents.
             */
            seq: number;
        };
        /** @description A picture that belongs to an incident. */
        IncidentEvidence: {
            /**
             * Format: date-time
             * @description When it was taken or sent.
             */
            at: string;
            /** @description The alert's id or the report's number. */
            ref: string;
            /** @description What it came with. */
            source: components["schemas"]["IncidentSourceKind"];
            /** @description Address of the picture, under the same host. */
            url: string;
        };
        /** @description What a person writes down. */
        IncidentNote: {
            /** @description The text. */
            text: string;
        };
        /**
         * @description What opened an incident.
         * @enum {string}
         */
        IncidentOrigin: "alert" | "report" | "signal" | "person";
        /** @description A page of incidents, the newest first. */
        IncidentPage: {
            /** @description The incidents. */
            items: components["schemas"]["Incident"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /** @description Something that an incident groups. */
        IncidentSource: {
            /**
             * Format: date-time
             * @description When it joined the incident.
             */
            added_at: string;
            /**
             * Format: date-time
             * @description When it happened, by its own clock.
             */
            at: string;
            /**
             * Format: uuid
             * @description The incident that brought it by a merge.
             */
            came_with: string | null;
            /** @description What it is. */
            kind: components["schemas"]["IncidentSourceKind"];
            place: components["schemas"]["AlertPlace"] | null;
            /** @description The alert's id, the report's number or the signal's id. */
            ref: string;
            /** @description In short. */
            title: string;
        };
        /**
         * @description What an incident groups.
         * @enum {string}
         */
        IncidentSourceKind: "alert" | "report" | "signal";
        /**
         * @description How far the work on an incident is.
         * @enum {string}
         */
        IncidentStatus: "open" | "in_progress" | "resolved" | "closed";
        /** @description A step of the procedure, and whether it was done. */
        IncidentStep: {
            /**
             * Format: date-time
             * @description When it was done or left out.
             */
            done_at: string | null;
            done_by: components["schemas"]["Person"] | null;
            /** @description Its id within the procedure. */
            id: string;
            /** @description Whether the incident can be resolved without it. */
            mandatory: components["schemas"]["Mandatory"];
            /** @description Why it was left out; none when it was done. */
            skipped: string | null;
            /** @description What is to be done. */
            text: components["schemas"]["Words"];
        };
        /** @description An incident with all that belongs to it. */
        IncidentView: {
            /** @description The pictures of its alerts and reports, the oldest first. */
            evidence: components["schemas"]["IncidentEvidence"][];
            /** @description The incident. */
            incident: components["schemas"]["Incident"];
            /** @description Everything that happened to it, the oldest first. */
            log: components["schemas"]["IncidentEntry"][];
            /** @description What it groups, the oldest first. */
            sources: components["schemas"]["IncidentSource"][];
        };
        /** @description While an alert of one kind is active, others of the same camera are inhibited: recorded, but muted. */
        Inhibit: {
            /** @description alerts of these kinds are inhibited; empty for all others. */
            mutes?: string[];
            /** @description While an alert of one of these kinds is active, */
            while_active: string[];
        };
        /** @description A verdict with its reason. */
        Judged: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description Who. */
            by: components["schemas"]["Person"];
            /** @description What else is worth knowing. */
            note: string | null;
            /** @description The reason's code, such as `shadow` or `police_sent`. */
            reason: string;
            /** @description The verdict. */
            verdict: components["schemas"]["Verdict"];
        };
        /** @description Alerts of one kind. */
        KindTally: {
            /**
             * Format: int64
             * @description Alerts of it.
             */
            alerts: number;
            /** @description The kind of event. */
            kind: string;
        };
        /** @enum {string} */
        Language: "vi" | "en";
        /** @description A page of the ledger. */
        Ledger: {
            /** @description One for each outbox and lane. */
            items: components["schemas"]["LedgerItem"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
            /**
             * @description What came faster than it could be stored since this center started, by edge and lane: put back unread and not
             *     acknowledged, so it is sent again. None of it is lost. The same on every page.
             */
            shed: components["schemas"]["ShedItem"][];
            /**
             * @description Edges that gave reasons of events in words that this version does not know, since this center started. The events
             *     are stored whole; those words are not shown.
             */
            unknown: components["schemas"]["UnknownItem"][];
        };
        /** @description One lane of one outbox. */
        LedgerItem: {
            /**
             * Format: int64
             * @description Messages acknowledged by a center before this ledger began.
             */
            acked_before: number;
            /**
             * Format: int64
             * @description Messages refused, kept as dead letters.
             */
            dead: number;
            /**
             * Format: int64
             * @description Messages that came again and were not stored again.
             */
            duplicates: number;
            /** @description The edge. */
            edge: string;
            /**
             * Format: int64
             * @description The highest number seen.
             */
            highest: number;
            /** @description The lane. */
            lane: string;
            /** @description The declarations, the newest first; at most 100. */
            losses: components["schemas"]["LossItem"][];
            /**
             * Format: int64
             * @description How many the edge declared lost.
             */
            lost: number;
            /**
             * Format: uuid
             * @description Its outbox; a new disk makes a new one.
             */
            outbox: string;
            /** @description What is missing below the highest number, as first and last number; the first 100 ranges. */
            pending: number[][];
            /**
             * Format: int64
             * @description How many numbers are missing below the highest.
             */
            pending_count: number;
            /**
             * Format: int64
             * @description Messages stored.
             */
            received: number;
            /**
             * Format: date-time
             * @description When the row changed last.
             */
            updated_at: string;
            /**
             * Format: int64
             * @description End of the unbroken run from 1: acknowledged to the edge.
             */
            upto: number;
        };
        /** @description Which incident a report belongs to. */
        LinkReport: {
            /**
             * Format: uuid
             * @description The incident; when it is left out the one that the report belongs to by kind, place and time, or a new one.
             */
            incident?: string | null;
        };
        /**
         * @description What the server sends, one JSON object a text frame. The client sends nothing.
         *
         *     Serves the OpenAPI document and the tests; the frames themselves are put together from the log's JSON as it is.
         */
        LiveMessage: {
            /** @description The alerts, at most 5,000. */
            alerts: components["schemas"]["Alert"][];
            /**
             * Format: int64
             * @description The number of the newest change of an incident in it.
             */
            incident_seq?: number;
            /** @description The unfinished incidents of your areas, at most 2,000, the gravest first and of these the newest. */
            incidents?: components["schemas"]["Incident"][];
            /**
             * Format: int64
             * @description How many more of those there are.
             */
            incidents_left_out?: number;
            /**
             * Format: int64
             * @description How many more there are, which have no room: the least grave, the oldest of them.
             */
            left_out?: number;
            /**
             * Format: date-time
             * @description The center's clock.
             */
            now: string;
            /**
             * Format: int64
             * @description The number of the newest change in it.
             */
            seq: number;
            /** @enum {string} */
            type: "snapshot";
        } | {
            /** @description The alert after the change. */
            alert: components["schemas"]["Alert"];
            /** @description What changed. */
            change: components["schemas"]["Change"];
            /**
             * Format: int64
             * @description Its number.
             */
            seq: number;
            /** @enum {string} */
            type: "change";
        } | {
            /**
             * Format: int64
             * @description The number of the last change of an alert that is sent or passed.
             */
            seq: number;
            /** @enum {string} */
            type: "passed";
        } | {
            actor?: components["schemas"]["Person"] | null;
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description What changed. */
            change: components["schemas"]["IncidentChange"];
            /** @description What else is worth knowing, such as who is called. */
            detail: Record<string, never>;
            /** @description The incident after the change. */
            incident: components["schemas"]["Incident"];
            /**
             * Format: int64
             * @description Its number in the log of incidents.
             */
            seq: number;
            /** @enum {string} */
            type: "incident";
        } | {
            /** @description What happened to it. */
            change: components["schemas"]["ReportChange"];
            /** @description The report's number; none when any may have come or changed. */
            number?: string | null;
            /** @enum {string} */
            type: "report";
        } | {
            /**
             * Format: int64
             * @description The number of the last change of an incident sent, or passed over because it lies outside your areas.
             */
            incident_seq?: number;
            /**
             * Format: date-time
             * @description The center's clock.
             */
            now: string;
            /**
             * Format: int64
             * @description The number of the last change sent.
             */
            seq: number;
            /** @enum {string} */
            type: "heartbeat";
        } | {
            /**
             * Format: int64
             * @description Alerts of your areas in the last 10 minutes that no policy muted; at most 10,000 are counted.
             */
            alerts: number;
            /**
             * Format: date-time
             * @description The center's clock.
             */
            now: string;
            /** @description Whether it lasts: it begins above 10 alerts per operator in 10 minutes and ends below 5 (ISA-18.2). */
            on: boolean;
            /**
             * Format: int32
             * @description Operators who are connected to this center and see one of your areas; at least 1.
             */
            operators: number;
            /** @enum {string} */
            type: "flood";
        } | {
            /**
             * Format: int64
             * @description The number of the last change sent.
             */
            after: number;
            /**
             * Format: int64
             * @description The number of the last change of an incident sent.
             */
            incidents_after?: number;
            /** @description Always `slow`. */
            reason: string;
            /** @enum {string} */
            type: "resume";
        };
        /** @description What follows from the activations alone. */
        Load: {
            /** @description Sources that activated at least three times within a minute. */
            chattering: components["schemas"]["AlertSource"][];
            /** @description By severity. */
            priorities: components["schemas"]["Priority"][];
            /** @description Alerts in 10 minutes. */
            rate: components["schemas"]["Rate"];
            /** @description The ten sources with the most alerts. */
            top: components["schemas"]["AlertSource"][];
            /** @description Alerts raised in each window of 10 minutes from the begin on, for all operators together. */
            windows: number[];
        };
        /** @description Messages that the edge dropped, as it declared. */
        LossItem: {
            /**
             * Format: int64
             * @description How many of that range were dropped.
             */
            count: number;
            /**
             * Format: date-time
             * @description When the edge declared it, by its clock.
             */
            declared_at: string;
            /**
             * Format: int64
             * @description The first number dropped.
             */
            from: number;
            /** @description Why. */
            reason: string;
            /**
             * Format: int64
             * @description The last number dropped.
             */
            to: number;
        };
        /** @description Planned work. */
        Maintenance: {
            /**
             * Format: date-time
             * @description Begin.
             */
            from: string;
            /** @description What people call it. */
            name: string;
            /**
             * Format: date-time
             * @description End.
             */
            until: string;
            /** @description Which events. */
            when?: components["schemas"]["Matcher"];
        };
        /**
         * @description Whether an incident can be resolved without a step.
         * @enum {string}
         */
        Mandatory: "no" | "if_true" | "always";
        /** @description What an event must be. An empty list fits everything. */
        Matcher: {
            /**
             * @description Areas.
             * @default []
             */
            areas: string[];
            /**
             * Format: double
             * @description The detector is less sure, 0..=1.
             * @default null
             */
            below_confidence: number | null;
            /**
             * @description Cameras, `edge/camera`.
             * @default []
             */
            cameras: string[];
            /**
             * @description Classes of road users.
             * @default []
             */
            classes: string[];
            /**
             * @description Edges.
             * @default []
             */
            edges: string[];
            /**
             * @description Days and hours in the policy's time zone: `{days: ["sat"], from: "22:00", to: "06:00"}`.
             * @default []
             */
            hours: Record<string, never>[];
            /**
             * @description Kinds of events.
             * @default []
             */
            kinds: string[];
            /**
             * Format: double
             * @description The detector is at least as sure, 0..=1.
             * @default null
             */
            min_confidence: number | null;
            /**
             * @description Rules of cameras.
             * @default []
             */
            rules: string[];
            /**
             * @description Zones.
             * @default []
             */
            zones: string[];
        };
        /** @description The person who is signed in. */
        Me: {
            /** @description The areas in which they see and do it; `*` is the whole city. */
            areas: string[];
            /** @description The name to show; may be empty. */
            full_name: string;
            /**
             * Format: uuid
             * @description The user's id.
             */
            id: string;
            /** @description Whether this center serves plain HTTP beyond its machine; every page must say so. */
            insecure: boolean;
            /** @description The language of their screens. */
            language: components["schemas"]["Language"];
            /** @description The name to sign in with. */
            name: string;
            /** @description What they may do. */
            role: components["schemas"]["Role"];
        };
        /** @description What a person may change about themselves. */
        MeChange: {
            /** @description The language of their screens. */
            language: components["schemas"]["Language"];
        };
        /** @description What is merged. */
        MergeIncident: {
            /**
             * Format: uuid
             * @description The incident that is the same; it is closed as a duplicate and brings what it groups.
             */
            other: string;
            /**
             * Format: int64
             * @description The number of the newest change that you saw: refused when somebody changed the incident since.
             */
            seq?: number | null;
        };
        /** @description What belongs to the same incident. */
        Merging: {
            /**
             * Format: double
             * @description As far away as this, metres.
             */
            within_m: number;
            /**
             * Format: int64
             * @description As long before or after its newest source as this, seconds.
             */
            within_s: number;
        };
        /** @description A step of a dispatch. */
        MoveDispatch: {
            /** @description What is said with it; needed with `refused` and `recalled`. */
            answer?: string | null;
            /** @description `read`, `accepted`, `on_scene`, `done`, `refused`; from the center also `recalled`. */
            state: components["schemas"]["DispatchState"];
        };
        /** @description Muted by the policy: recorded, but nobody has to look while it lasts. */
        Mute: {
            /** @description The alert's or silence's id, or the name of the maintenance. */
            by: string;
            /** @description Why. */
            cause: components["schemas"]["MuteCause"];
            /** @description The kind of the active alert, the silence's reason, or the name of the maintenance. */
            reason: string;
            /**
             * Format: date-time
             * @description Until when at most; none while another alert is active.
             */
            until: string | null;
        };
        /**
         * @description Why an alert is muted by the policy.
         * @enum {string}
         */
        MuteCause: "inhibited" | "silenced" | "maintenance";
        /**
         * @description What to try: exactly one of `policy` and `rule`.
         * @example {
         *       "days": 7,
         *       "policy": {
         *         "rule": [
         *           {
         *             "hold_off_s": 10,
         *             "name": "Ban đêm"
         *           }
         *         ]
         *       }
         *     }
         */
        NewBacktest: {
            /**
             * Format: int64
             * @description Over the last so many days.
             */
            days: number;
            policy?: components["schemas"]["PolicyBody"] | null;
            rule?: components["schemas"]["TriedRule"] | null;
        };
        /** @description A new version. */
        NewPolicy: {
            /** @description Whether it comes into force at once. */
            activate?: boolean;
            /** @description The policy. */
            body: components["schemas"]["PolicyBody"];
            /** @description What people should know of it, 1 to 1,000 characters. */
            note: string;
        };
        /**
         * @description A new silence.
         * @example {
         *       "match": {
         *         "cameras": [
         *           "nga-tu-1/north"
         *         ]
         *       },
         *       "reason": "Lễ hội",
         *       "until": "2026-11-22T18:00:00Z"
         *     }
         */
        NewSilence: {
            /**
             * Format: date-time
             * @description Begin; now when it is not said.
             */
            from?: string | null;
            /** @description Which events; at least one condition. */
            match: components["schemas"]["Matcher"];
            /** @description Why, 1 to 1,000 characters. */
            reason: string;
            /**
             * Format: date-time
             * @description End: in the future, at most 31 days after the begin.
             */
            until: string;
        };
        /** @description One quantity at one tripwire or zone in one window. */
        Observation: {
            /** @description The camera that measured it. */
            camera: string | null;
            /** @description The class counted; none for all together. */
            class: string | null;
            /**
             * Format: int64
             * @description The version of the edge's configuration.
             */
            config: number;
            /**
             * Format: double
             * @description Seconds of the window that were really observed.
             */
            coverage_s: number;
            /** @description The direction counted, at a tripwire. */
            direction: string | null;
            /** @description The edge that measured it. */
            edge: string;
            /**
             * Format: date-time
             * @description Begin of the window, inclusive.
             */
            from: string;
            /**
             * Format: uuid
             * @description The outbox that it came from.
             */
            outbox: string;
            /**
             * Format: double
             * @description Half the width of the interval that holds the truth 95 times of 100; none where unknown.
             */
            plus_minus: number | null;
            /** @description What was measured. */
            quantity: string;
            /**
             * Format: date-time
             * @description When it arrived, by the center's clock.
             */
            received_at: string;
            /**
             * Format: int64
             * @description On how many measured values it rests; none for counts and shares of time.
             */
            samples: number | null;
            /**
             * Format: int64
             * @description Its number in that outbox's lane of observations.
             */
            sequence: number;
            /** @description Which figure of a distribution it is, such as `mean` or `p85`; none where the quantity has only one. */
            statistic: string | null;
            /**
             * Format: date-time
             * @description When it was stated, by the edge's clock.
             */
            time: string;
            /**
             * Format: date-time
             * @description End of the window, exclusive.
             */
            to: string;
            /** @description The tripwire that was crossed next, of a turning movement; none when no other was. */
            to_zone: string | null;
            /** @description Its unit, UCUM. */
            unit: string;
            /**
             * Format: double
             * @description The measured value.
             */
            value: number;
            /** @description The tripwire or zone. */
            zone: string;
        };
        /** @description A page of observations, the newest first. */
        ObservationPage: {
            /** @description The observations. */
            items: components["schemas"]["Observation"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /** @description Signing in at an OpenID provider. */
        OidcWay: {
            /**
             * @description What people call it, for the button.
             * @example Tài khoản tỉnh
             */
            name: string;
            /**
             * @description Where the button leads; `?return=` and a path of this site may follow.
             * @example /oidc/start
             */
            start: string;
        };
        /** @description Alerts that nobody has acknowledged, by severity. */
        OpenAlerts: {
            /** Format: int64 */
            critical: number;
            /** Format: int64 */
            high: number;
            /** Format: int64 */
            low: number;
            /** Format: int64 */
            medium: number;
        };
        /** @description A new incident: from an alert, or from what a person says. */
        OpenIncident: {
            /**
             * Format: uuid
             * @description The alert that it is about; everything else comes from it.
             */
            alert?: string | null;
            /** @description The area that it lies in; that of the nearest camera when it is left out. */
            area?: string | null;
            /**
             * @description The kind, one of the procedures'; mandatory without an alert.
             * @example traffic_accident
             */
            kind?: string | null;
            place?: components["schemas"]["AlertPlace"] | null;
            severity?: components["schemas"]["Severity"] | null;
            /** @description What people call it; the kind's name when it is left out. */
            title?: string | null;
        };
        /** @enum {string} */
        PartWord: "ready" | "weak" | "down";
        /** @description A person's old and new password. */
        PasswordChange: {
            /**
             * Format: password
             * @description At least 12 characters, and not a common one.
             */
            new: string;
            /**
             * Format: password
             * @description The password until now.
             */
            old: string;
        };
        /** @description A person as others see them. */
        Person: {
            /**
             * Format: uuid
             * @description Their id.
             */
            id: string;
            /** @description The name to show. */
            name: string;
        };
        /** @description A place on the earth, WGS 84 degrees. */
        Place: {
            /**
             * Format: double
             * @description Latitude.
             */
            lat: number;
            /**
             * Format: double
             * @description Longitude.
             */
            lon: number;
        };
        /** @description Where a report lies. */
        PlaceReport: {
            /** @description The area; it need not be one of yours. */
            area: string;
        };
        /** @description A point in the picture, both 0..=1 from the upper left corner. */
        Point: {
            /**
             * Format: double
             * @description To the right.
             */
            x: number;
            /**
             * Format: double
             * @description Down.
             */
            y: number;
        };
        /** @description Which events become alerts, and which alerts. */
        PolicyBody: {
            /**
             * @description While one alert is active, others of its camera are inhibited.
             * @default []
             */
            inhibit: components["schemas"]["Inhibit"][];
            /**
             * @description Planned work: alerts are raised muted meanwhile.
             * @default []
             */
            maintenance: components["schemas"]["Maintenance"][];
            /**
             * @description The first rule that fits an event decides; where none fits, it becomes an alert of its kind's severity.
             * @default []
             */
            rule: components["schemas"]["PolicyRule"][];
            /**
             * @description When shifts begin, `HH:MM`, in order.
             * @default [
             *       "06:00",
             *       "14:00",
             *       "22:00"
             *     ]
             */
            shifts: string[];
            /**
             * @description IANA name of the time zone in which hours and shifts count.
             * @default Asia/Ho_Chi_Minh
             */
            time_zone: string;
        };
        /** @description Versions of the policy, the newest first. */
        PolicyList: {
            /** @description The versions. */
            items: components["schemas"]["PolicyVersion"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /** @description A rule that is wrong more often than right, and what could be done. */
        PolicyProposal: {
            back_test: components["schemas"]["ProposalTest"] | null;
            /** @description What is proposed. */
            proposal: components["schemas"]["Proposal"];
            /** @description How often it was right. */
            rule: components["schemas"]["RulePrecision"];
        };
        /** @description What becomes of the events that fit. */
        PolicyRule: {
            /**
             * @description Whether they become alerts at all; the events are kept anyway.
             * @default null
             */
            alert: boolean | null;
            /** @default null */
            group: components["schemas"]["Grouping"] | null;
            /**
             * Format: double
             * @description The condition must last so long before an alert is raised, seconds.
             * @default 0
             */
            hold_off_s: number;
            /**
             * @description Whether an incident is opened at once.
             * @default false
             */
            incident: boolean;
            /**
             * @description What people call it; the alert's log names it.
             * @default
             */
            name: string;
            /** @default null */
            severity: components["schemas"]["Severity"] | null;
            /**
             * @description Which events.
             * @default {}
             */
            when: components["schemas"]["Matcher"];
        };
        /** @description A version of the policy. Its body never changes. */
        PolicyVersion: {
            /**
             * Format: date-time
             * @description When it came into force last.
             */
            activated_at: string | null;
            activated_by: components["schemas"]["Person"] | null;
            /** @description Whether it is in force. */
            active: boolean;
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            author: components["schemas"]["Person"] | null;
            /** @description Which events become alerts. */
            body: components["schemas"]["PolicyBody"];
            /** @description What the author says of it. */
            note: string;
            /**
             * Format: int64
             * @description The version.
             */
            version: number;
        };
        /** @description A signal, and whose it is. */
        PostSignal: components["schemas"]["Signal"] & {
            /**
             * @description The sensor or system: `a-z`, `0-9` and `-`.
             * @example cau-bo
             */
            source: string;
        };
        /** @description Precision by camera and rule, the worst first. */
        PrecisionList: {
            /** @description Rules with at least one verdict. */
            items: components["schemas"]["RulePrecision"][];
        };
        /** @description A severity's share beside what EEMUA 191 recommends: 5 % high, 15 % medium, 80 % low. Critical counts into high. */
        Priority: {
            /**
             * Format: int64
             * @description Alerts of it.
             */
            alerts: number;
            /**
             * Format: double
             * @description The recommended share; of critical and high together for these two.
             */
            recommended: number;
            /** @description The severity. */
            severity: components["schemas"]["Severity"];
            /**
             * Format: double
             * @description Their share, 0..=1.
             */
            share: number;
        };
        /**
         * @description What went wrong, as RFC 9457 writes it.
         * @example {
         *       "detail": "there is no such alert",
         *       "status": 404,
         *       "title": "Not found",
         *       "type": "urn:ngatu:problem:not-found"
         *     }
         */
        Problem: {
            acknowledged_by?: components["schemas"]["Person"] | null;
            by?: components["schemas"]["Person"] | null;
            /** @description What they did. */
            change?: string | null;
            /** @description What is wrong this time, for people. */
            detail: string;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description The steps that stand against it, when that is the problem. */
            steps?: string[] | null;
            /** @description The kind of problem, for people. */
            title: string;
            /**
             * @description Names the kind of problem: `urn:ngatu:problem:` and a word.
             * @example urn:ngatu:problem:not-found
             */
            type: string;
        };
        /** @description The procedure of a kind of incident. */
        Procedure: {
            /** @description Whom a clock calls. */
            escalation: components["schemas"]["Escalation"];
            /** @description The kinds of events whose alerts are incidents of this kind. */
            events?: string[];
            /**
             * @description The kind of incident.
             * @example fire
             */
            kind: string;
            /** @description What belongs to the same incident. */
            merge: components["schemas"]["Merging"];
            /** @description What people call the kind. */
            name: components["schemas"]["Words"];
            /** @description How much an incident of the kind matters, unless its source says otherwise. */
            severity: components["schemas"]["Severity"];
            /** @description What is promised. */
            sla?: components["schemas"]["Sla"];
            /** @description What is to be done. */
            steps: components["schemas"]["ProcedureStep"][];
            /** @description What is promised when a certain unit is meant. */
            unit_sla?: components["schemas"]["UnitSla"][];
            /**
             * Format: int64
             * @description Which version this is. In a change: the version that it begins from, 0 for a new kind.
             */
            version?: number;
        };
        /** @description A step of a procedure. */
        ProcedureStep: {
            /** @description Its id within the procedure. */
            id: string;
            /** @description Whether an incident can be resolved without it. */
            mandatory: components["schemas"]["Mandatory"];
            /** @description What is to be done. */
            text: components["schemas"]["Words"];
        };
        /** @description The procedures in force. */
        Procedures: {
            /** @description One for each kind of incident. */
            items: components["schemas"]["Procedure"][];
        };
        /** @description What is proposed for one rule of one camera. */
        Proposal: {
            /**
             * Format: double
             * @description The detector must be at least so sure; none when no threshold tells right from wrong, and only the severity is lowered.
             */
            min_confidence: number | null;
            /** @description The whole policy with the change, to be tried and activated. */
            policy: components["schemas"]["PolicyBody"];
            /**
             * Format: int64
             * @description Of the judged alerts that were right: how many would still be raised as before.
             */
            right_kept: number;
            /**
             * Format: int64
             * @description Of those that were wrong: how many would no longer be, or would matter less.
             */
            wrong_spared: number;
        };
        /** @description Proposed changes of the policy, the worst rules first; at most 50. */
        ProposalList: {
            /** @description The proposals. */
            items: components["schemas"]["PolicyProposal"][];
        };
        /** @description A proposal that was tried. */
        ProposalTest: {
            /**
             * Format: int64
             * @description Alerts that the policy in force raises of them.
             */
            active: number;
            /**
             * Format: int64
             * @description Those that are critical or high.
             */
            active_urgent: number;
            /**
             * Format: int64
             * @description Alerts that the changed policy would have raised.
             */
            draft: number;
            /**
             * Format: int64
             * @description Those that would have been critical or high.
             */
            draft_urgent: number;
            /**
             * Format: int64
             * @description Stored events of the rule.
             */
            events: number;
            /**
             * Format: date-time
             * @description Begin of the tried time: at most 7 days before its end.
             */
            from: string;
            /**
             * Format: date-time
             * @description Its end.
             */
            to: string;
        };
        /** @description A unit's settings; all of them, every time. */
        PutUnit: {
            /**
             * Format: int32
             * @description How long who has read may take to say whether the unit comes, seconds; 300 when it is left out.
             */
            accept_within_s?: number;
            /** @description The areas that it serves; `*` is the whole city. */
            areas: string[];
            /** @description How it is reached, in the order in which it is tried; 1 to 8. */
            channels: components["schemas"]["Channel"][];
            /** @description Whether it takes nothing any more. */
            disabled?: boolean;
            /** @description The units that are asked next when this one does not answer or refuses. */
            fallback?: string[];
            /** @description What kind of unit it is. */
            kind: components["schemas"]["UnitKind"];
            /** @description Names of the users of role `unit` who see its inbox. */
            members?: string[];
            /** @description What it is called in English. */
            name_en: string;
            /** @description What it is called in Vietnamese. */
            name_vi: string;
            /**
             * Format: int32
             * @description How long to wait for a reader before the next channel is tried, seconds; 120 when it is left out.
             */
            read_within_s?: number;
            /** @description Its hours of duty; empty is always. */
            shifts?: components["schemas"]["Shift"][];
        };
        /** @description Alerts in 10 minutes, per operator. */
        Rate: {
            /**
             * Format: int64
             * @description Alerts.
             */
            alerts: number;
            /**
             * Format: double
             * @description Mean per operator and window; at most 1 is manageable (EEMUA 191).
             */
            average: number;
            /**
             * Format: double
             * @description Share of windows in a flood, 0..=1; below 0.01 is wanted (ISA-18.2).
             */
            flood_share: number;
            /**
             * Format: int64
             * @description Floods that began.
             */
            floods: number;
            /**
             * Format: double
             * @description Most per operator in a window; at most 10 is manageable (EEMUA 191).
             */
            maximum: number;
            /**
             * Format: int64
             * @description Windows of 10 minutes.
             */
            windows: number;
        };
        /** @description Whether the center can do its work. */
        Readiness: {
            /** @description Each part: `ready`, `weak` when it works and is less safe than it could be, or `down`. */
            parts: {
                [key: string]: components["schemas"]["PartWord"];
            };
            /** @description Whether every part is ready. */
            ready: boolean;
        };
        /** @description Why an event was stated. */
        Reason: {
            /** @description Why the condition counts as ended, such as `left` or `source_lost`; in an event of phase end. */
            ended: string | null;
            /** @description What was measured, the deciding value first. */
            facts: components["schemas"]["ReasonFact"][];
            /** @description What a part of the machinery said, in its own words. */
            note: string | null;
        };
        /** @description One measured value with what it was compared with. */
        ReasonFact: {
            /** @description What was measured, such as `dwell`, `speed` or `people`. */
            measure: string;
            /**
             * Format: double
             * @description How far the value may be off, 95 % of the time.
             */
            plus_minus: number | null;
            /**
             * Format: double
             * @description The threshold that it passed.
             */
            threshold: number | null;
            /** @description Unit of value, threshold and plus_minus, UCUM: `1`, `s`, `m`, `km/h`, `deg`, `1/s`, `m/s2`. */
            unit: string;
            /**
             * Format: double
             * @description The value.
             */
            value: number;
        };
        /** @description Why a report is not taken. */
        RejectReport: {
            /** @description The reason; the reporter reads it. */
            reason: string;
        };
        /** @description Why it goes on. */
        ReopenIncident: {
            /** @description The reason. */
            reason: string;
        };
        /** @description A report as operators see it. */
        Report: {
            /** @description What the reporter was told. */
            answer: string | null;
            /**
             * Format: date-time
             * @description When it was answered or rejected.
             */
            answered_at: string | null;
            answered_by: components["schemas"]["Person"] | null;
            /** @description The area that it lies in; none: nobody knows yet, and everybody who triages sees it. */
            area: string | null;
            /** @description How to reach the reporter. */
            contact: string | null;
            /**
             * Format: date-time
             * @description By when it is to be answered.
             */
            due_at: string;
            /**
             * Format: uuid
             * @description The incident that it is part of.
             */
            incident: string | null;
            /** @description The kind of incident that the reporter chose. */
            kind: string;
            /** @description The reporter's language. */
            language: string;
            /**
             * @description Its number.
             * @example R-0482-7730
             */
            number: string;
            /** @description Addresses of its pictures. */
            pictures: string[];
            place: components["schemas"]["AlertPlace"] | null;
            /** @description Where, in words. */
            place_text: string | null;
            /**
             * Format: date-time
             * @description When it came.
             */
            received_at: string;
            /** @description How far it is. */
            state: components["schemas"]["ReportState"];
            /** @description What happened, in the reporter's words. */
            text: string;
        };
        /**
         * @description What happened to a report.
         * @enum {string}
         */
        ReportChange: "filed" | "placed" | "linked" | "rejected" | "answered" | "missed";
        /** @description What the reporter is told. */
        ReportFiled: {
            /** @description The secret that shows its state; it is told only now. */
            key: string;
            /** @description The number. */
            number: string;
            /** @description The address of its state, under this host. */
            url: string;
        };
        /** @description What a form needs to be filled in. */
        ReportForm: {
            /** @description The areas to choose from; none when the city has none. */
            areas: components["schemas"]["Area"][];
            /** @description To be sent with the form, at least 3 s and at most a day later. */
            begun: string;
            /** @description What the reporter agrees to. */
            consent: components["schemas"]["Words"];
            /** @description The kinds of incident to choose from. */
            kinds: components["schemas"]["ReportKind"][];
            /** @description Largest picture, bytes. */
            max_picture_bytes: number;
            /** @description At most so many pictures. */
            max_pictures: number;
        };
        /** @description A kind of incident to choose. */
        ReportKind: {
            /** @description The kind. */
            kind: string;
            /** @description What people call it. */
            name: components["schemas"]["Words"];
        };
        /** @description A page of reports, the newest first. */
        ReportPage: {
            /** @description How well reports were answered. */
            answers: components["schemas"]["AnswerClock"];
            /** @description The reports. */
            items: components["schemas"]["Report"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /**
         * @description How far a report is.
         * @enum {string}
         */
        ReportState: "received" | "accepted" | "rejected" | "answered";
        /** @description What a reporter sees of a report. */
        ReportStatus: {
            /** @description The answer, or why it was rejected. */
            answer: string | null;
            /**
             * Format: date-time
             * @description When it was answered.
             */
            answered_at: string | null;
            /**
             * Format: date-time
             * @description By when it is to be answered.
             */
            due_at: string;
            /** @description Whether the incident that it is part of is over. */
            is_over: boolean;
            /** @description The kind. */
            kind: string;
            /** @description Its number. */
            number: string;
            /**
             * Format: date-time
             * @description When it came.
             */
            received_at: string;
            /** @description How far it is. */
            state: components["schemas"]["ReportState"];
        };
        /** @description How the work ended. */
        ResolveIncident: {
            /** @description What else is worth knowing. */
            note?: string | null;
            /**
             * Format: int64
             * @description The number of the newest change that you saw: refused when somebody changed the incident since.
             */
            seq?: number | null;
            /** @description What it turned out to be. */
            verdict: components["schemas"]["ClosingCode"];
        };
        /**
         * @description What a person may do; each row of the access table names the roles it lets in.
         * @enum {string}
         */
        Role: "viewer" | "operator" | "supervisor" | "unit" | "admin";
        /** @description How often the alerts of a camera's rule were right. */
        RulePrecision: {
            /** @description The camera. */
            camera: string | null;
            /** @description The edge. */
            edge: string;
            /** @description The kind of event. */
            kind: string;
            /** @description Whether it is wrong more often than right: at least 10 verdicts, and the upper bound is below 0.5. */
            poor: boolean;
            /** @description Share of true ones with its 95 % interval (Wilson). */
            precision: components["schemas"]["Share"];
            /**
             * Format: int64
             * @description Alerts judged true.
             */
            right: number;
            /** @description The rule. */
            rule: string;
            /**
             * Format: int64
             * @description Alerts judged a test; they count for nothing.
             */
            tests: number;
            /**
             * Format: int64
             * @description Alerts judged false.
             */
            wrong: number;
        };
        /** @description Whom to send where. */
        SendUnit: {
            /** @description Why it is sent although it is off duty or does not serve the incident's area; needed only then. */
            despite?: string | null;
            /**
             * Format: uuid
             * @description The incident.
             */
            incident: string;
            /** @description What it is asked to do. */
            note?: string;
            /** @description The unit. */
            unit: string;
        };
        /**
         * @description How much an alert matters.
         * @enum {string}
         */
        Severity: "critical" | "high" | "medium" | "low";
        /**
         * @description A share with its 95 % interval after Wilson, "Probable inference, the law of succession, and statistical inference",
         *     JASA 22 (1927): it holds for few trials, and for shares near 0 and 1.
         */
        Share: {
            /**
             * Format: double
             * @description Upper bound.
             */
            high: number;
            /**
             * Format: double
             * @description Lower bound.
             */
            low: number;
            /**
             * Format: double
             * @description The share, 0..=1; none without trials.
             */
            share: number | null;
        };
        /** @description Payloads of one lane of one edge that were put back unread. */
        ShedItem: {
            /** @description The edge. */
            edge: string;
            /** @description The lane, or `state`. */
            lane: string;
            /**
             * Format: int64
             * @description How many payloads, of one message or more each.
             */
            payloads: number;
        };
        /** @description Muted by a person until a time: it comes back by itself. */
        Shelf: {
            /**
             * Format: date-time
             * @description Since when.
             */
            at: string;
            /** @description Who. */
            by: components["schemas"]["Person"];
            /** @description Why, in the person's words. */
            reason: string;
            /**
             * Format: date-time
             * @description When it comes back, by the center's clock.
             */
            until: string;
        };
        /**
         * @description Until when, and why. Both are mandatory.
         * @example {
         *       "reason": "Đang sửa đường",
         *       "until": "2026-11-22T10:00:00Z"
         *     }
         */
        ShelveAlert: {
            /** @description Why, 1 to 1,000 characters. */
            reason: string;
            /**
             * Format: date-time
             * @description When it comes back by itself: in the future, at most 24 hours away.
             */
            until: string;
        };
        /** @description Hours of duty on some days, local time. One that ends before it begins goes over midnight. */
        Shift: {
            /** @description Days on which it begins, 1 is Monday; empty is every day. */
            days?: number[];
            /**
             * Format: int32
             * @description Minute of the day at which it begins, 0..=1439.
             */
            from_min: number;
            /**
             * Format: int32
             * @description Minute of the day at which it ends, 1..=1440.
             */
            to_min: number;
        };
        /** @description Alerts that begin in the same shift of the day. */
        ShiftTally: {
            /**
             * Format: int64
             * @description Alerts in all such shifts.
             */
            alerts: number;
            /** @description When the shift begins, `HH:MM` in the policy's time zone. */
            from: string;
            /**
             * Format: int64
             * @description The most in one shift of one day.
             */
            most: number;
        };
        /** @description What a person types to sign in. */
        SignIn: {
            /**
             * @description The name.
             * @example operator
             */
            name: string;
            /**
             * Format: password
             * @description The password.
             */
            password: string;
        };
        /** @description How people may sign in besides name and password. */
        SignInWays: {
            oidc: components["schemas"]["OidcWay"] | null;
        };
        /** @description What a source says. */
        Signal: {
            /** @description The source's own name for this message: sent again, it is stored once. */
            id: string;
            /**
             * @description The kind of incident that it speaks of, one of the procedures'.
             * @example forest_fire
             */
            kind: string;
            place?: components["schemas"]["AlertPlace"] | null;
            severity?: components["schemas"]["Severity"] | null;
            /**
             * Format: date-time
             * @description When, by the source's clock.
             */
            time: string;
            /** @description In short, for people. */
            title?: string | null;
            /** @description Its unit, UCUM, such as `Cel`, `cm` or `1`. */
            unit?: string | null;
            /**
             * Format: double
             * @description What was measured.
             */
            value?: number | null;
        };
        /** @description What became of a signal. */
        SignalTaken: {
            /** @description The source's own name for the message. */
            id: string;
            /**
             * Format: uuid
             * @description The incident that it joined or opened, when you see that one.
             */
            incident: string | null;
            severity: components["schemas"]["Severity"] | null;
            /** @description The source. */
            source: string;
        };
        /** @description Where to go on, to be signed out there too. */
        SignedOut: {
            /**
             * @description The OpenID provider's address.
             * @example https://id.example.vn/session/end?client_id=nga-tu
             */
            leave: string;
        };
        /** @description A page of silences, the last to end first. */
        SilenceList: {
            /** @description The silences. */
            items: components["schemas"]["SilenceRow"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /** @description A silence: what fits it is raised muted within its window. */
        SilenceRow: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            at: string;
            /** @description Who made it. */
            author: components["schemas"]["Person"];
            /**
             * Format: date-time
             * @description When it was ended before its time.
             */
            ended_at: string | null;
            ended_by: components["schemas"]["Person"] | null;
            /**
             * Format: date-time
             * @description Begin.
             */
            from: string;
            /**
             * Format: uuid
             * @description Its id.
             */
            id: string;
            /** @description Which events. */
            match: components["schemas"]["Matcher"];
            /** @description Why. */
            reason: string;
            /**
             * Format: date-time
             * @description End.
             */
            until: string;
        };
        /** @description Seconds from the opening of an incident; none where nothing is promised. */
        Sla: {
            /**
             * Format: int64
             * @description Somebody takes it within.
             */
            acknowledge_s?: number | null;
            /**
             * Format: int64
             * @description A unit is on scene within.
             */
            on_scene_s?: number | null;
            /**
             * Format: int64
             * @description The work is done within.
             */
            resolve_s?: number | null;
        };
        /** @description What is taken out: an incident that was merged, or some sources. */
        SplitIncident: {
            /**
             * Format: uuid
             * @description The incident that was merged into this one and comes back.
             */
            incident?: string | null;
            /**
             * Format: int64
             * @description The number of the newest change that you saw: refused when somebody changed the incident since.
             */
            seq?: number | null;
            /** @description The sources that become an incident of their own. */
            sources?: components["schemas"]["SplitSource"][];
            /** @description What people call that one; as this one when it is left out. */
            title?: string | null;
        };
        /** @description One of an incident's sources. */
        SplitSource: {
            /** @description What it is. */
            kind: components["schemas"]["IncidentSourceKind"];
            /** @description The alert's id, the report's number or the signal's id. */
            ref: string;
        };
        /**
         * @description What was done with a step.
         * @enum {string}
         */
        StepState: "done" | "skipped" | "undone";
        /** @description An alert that someone else acknowledged. */
        TakenAlert: {
            /** @description Who was first. */
            acknowledged_by: components["schemas"]["Person"];
            /**
             * Format: uuid
             * @description The alert.
             */
            id: string;
        };
        /** @description How many alerts a policy would have raised. */
        Tally: {
            /**
             * Format: int64
             * @description Alerts that it would have raised.
             */
            alerts: number;
            /**
             * Format: int64
             * @description Events that it judged.
             */
            events: number;
            /** @description Some of them, spread over the time. */
            examples: components["schemas"]["Example"][];
            /** @description By kind of event. */
            kinds: components["schemas"]["KindTally"][];
            /**
             * Format: int64
             * @description Alerts on record only, because another was active or work was planned.
             */
            muted: number;
            /** @description By shift of the day. */
            shifts: components["schemas"]["ShiftTally"][];
            /**
             * Format: int64
             * @description Those of them that would have been critical or high.
             */
            urgent: number;
        };
        /** @description A page of the tokens that are not revoked. */
        TokenList: {
            /** @description The tokens, the newest first. */
            items: components["schemas"]["TokenView"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /** @description A token that was made. */
        TokenMade: {
            /**
             * Format: password
             * @description To be sent as `Authorization: Bearer …`. It is told this once.
             */
            secret: string;
            /** @description What is known of it from now on. */
            token: components["schemas"]["TokenView"];
        };
        /** @description A token to make. */
        TokenNew: {
            /**
             * @description Where: ids of areas, or `*` for the whole city.
             * @example [
             *       "phuc-khanh"
             *     ]
             */
            areas: string[];
            /**
             * Format: int32
             * @description In how many days it ends.
             * @example 90
             */
            days: number;
            /**
             * @description What people call it.
             * @example cảm biến lũ
             */
            name: string;
            /** @description What it may do. */
            role: components["schemas"]["Role"];
            /**
             * @description The sources of signals that it speaks for; for no other one, unless the city file names it among their `senders`.
             * @example [
             *       "cau-bo"
             *     ]
             */
            sources?: string[];
        };
        /** @description A token, without its secret. */
        TokenView: {
            /** @description Where: ids of areas, or `*` for the whole city. */
            areas: string[];
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it ends.
             */
            expires_at: string;
            /**
             * Format: uuid
             * @description The id, which the audit rows name as the actor.
             */
            id: string;
            /**
             * Format: date-time
             * @description When it was used last, to the minute.
             */
            last_used_at: string | null;
            /** @description What people call it. */
            name: string;
            role: components["schemas"]["Role"] | null;
            /** @description The sources of signals that it speaks for, beside those whose `senders` in the city file name it. */
            sources: string[];
        };
        /** @description One road user's way through the picture, or a piece of it. Between two points it moved evenly. */
        Track: {
            /** @description The camera that saw it. */
            camera: string | null;
            /** @description The road user's class. */
            class: string;
            /**
             * Format: float
             * @description Mean score of its detections, 0..=1.
             */
            confidence: number;
            /**
             * Format: int64
             * @description The version of the edge's configuration.
             */
            config: number;
            /** @description The edge that saw it. */
            edge: string;
            /**
             * Format: int32
             * @description Height of the analysed picture, pixels.
             */
            frame_height_px: number;
            /**
             * Format: int32
             * @description Width of the analysed picture, pixels.
             */
            frame_width_px: number;
            /**
             * Format: date-time
             * @description Begin, by the edge's clock; the points' times count from here.
             */
            from: string;
            /** @description Whether another piece follows, which begins where this one ends. */
            goes_on: boolean;
            /** @description Which detector saw it. */
            model: string | null;
            /**
             * Format: uuid
             * @description The outbox that it came from.
             */
            outbox: string;
            /** @description At least two points in the order of time. */
            points: components["schemas"]["WayPoint"][];
            /**
             * Format: date-time
             * @description When it arrived, by the center's clock.
             */
            received_at: string;
            /**
             * Format: int64
             * @description Its number in that outbox's lane of tracks.
             */
            sequence: number;
            /**
             * Format: date-time
             * @description When it ended, by the edge's clock.
             */
            time: string;
            /**
             * Format: int64
             * @description The track, unique per start of the agent. A long one comes in pieces with the same number.
             */
            track: number;
        };
        /** @description A page of trajectories, those that ended last first. */
        TrackPage: {
            /** @description The trajectories. */
            items: components["schemas"]["Track"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /** @description A rule at a camera, under the policy in force. */
        TriedRule: {
            /** @description The camera. */
            camera: string;
            /** @description The edge. */
            edge: string;
            /** @description The rule, as in the city file. */
            rule: Record<string, never>;
            /** @description A new zone, or one of the camera's with other points, as in the city file. */
            zone?: Record<string, never> | null;
        };
        /** @description A unit. */
        Unit: {
            /**
             * Format: int32
             * @description How long who has read may take to say whether the unit comes, before the next way is tried, seconds; 300 when it is
             *     left out.
             */
            accept_within_s: number;
            /** @description The areas that it serves; `*` is the whole city. */
            areas: string[];
            /** @description How it is reached, in the order in which it is tried. */
            channels: components["schemas"]["Channel"][];
            /** @description Whether it takes nothing any more. */
            disabled: boolean;
            /** @description The units that are asked next when this one does not answer or refuses. */
            fallback: string[];
            /**
             * @description Its id.
             * @example police-phuc-khanh
             */
            id: string;
            /** @description What kind of unit it is. */
            kind: components["schemas"]["UnitKind"];
            /** @description Names of the users of role `unit` who see its inbox. */
            members: string[];
            /** @description What it is called in English. */
            name_en: string;
            /** @description What it is called in Vietnamese. */
            name_vi: string;
            /**
             * Format: int32
             * @description How long to wait for a reader before the next channel is tried, seconds.
             */
            read_within_s: number;
            /** @description Its hours of duty; empty is always. */
            shifts: components["schemas"]["Shift"][];
        };
        /**
         * @description What kind of unit it is.
         * @enum {string}
         */
        UnitKind: "police" | "health" | "fire" | "rescue" | "ward" | "other";
        /** @description A page of the units of your areas. */
        UnitList: {
            /** @description By id. */
            items: components["schemas"]["UnitShown"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /** @description A unit as it is shown. */
        UnitShown: components["schemas"]["Unit"] & {
            /** @description Whether somebody is on duty now. */
            on_duty: boolean;
            /** @description Checks the signatures of its webhooks: `whpk_…`, an ed25519 key of Standard Webhooks. */
            webhook_public_key?: string | null;
        };
        /** @description Another promise for a unit. */
        UnitSla: {
            /** @description What holds when the incident is meant for it; what is left out is as for everybody. */
            sla: components["schemas"]["Sla"];
            /** @description The unit's id. */
            unit: string;
        };
        /** @description A unit that could be sent, and why it stands where it does. */
        UnitSuggestion: {
            /**
             * Format: date-time
             * @description Until when it stays on duty, or off duty; none when that does not change.
             */
            duty_until: string | null;
            /** @description Whether it has this incident already. */
            has_it: boolean;
            /** @description Whether units of its kind are usually sent to such an incident. */
            is_usual: boolean;
            /** @description Whether it is sent only with `despite`: it is off duty, or does not serve the area. */
            needs_reason: boolean;
            /** @description Whether it serves the incident's area; none when the incident has none. */
            serves_area: boolean | null;
            /** @description The unit; `on_duty` says whether somebody is there now. */
            unit: components["schemas"]["UnitShown"];
        };
        /** @description The units that could be sent to an incident, the best first. */
        UnitSuggestions: {
            /** @description All units of your areas that are not disabled. */
            items: components["schemas"]["UnitSuggestion"][];
        };
        /** @description How many words of one edge are of a newer version. */
        UnknownItem: {
            /** @description The edge. */
            edge: string;
            /**
             * Format: int64
             * @description Measures and reasons, each time that one came.
             */
            words: number;
        };
        /** @description A person who was added. */
        UserAdded: {
            /** @description The password that was made for them: it is told this once. */
            password: string | null;
            /** @description The person. */
            user: components["schemas"]["UserView"];
        };
        /** @description What to change of a person; what is left out stays as it is. */
        UserChange: {
            /** @description Where: ids of areas, or `*` for the whole city. */
            areas?: string[] | null;
            /** @description Whether they are kept out. */
            disabled?: boolean | null;
            /** @description The name to show. */
            full_name?: string | null;
            /**
             * @description Who they are at the OpenID provider: the `sub` of their tokens, as a refused sign-in leaves it in the audit rows. Empty:
             *     they are nobody there.
             * @example 248289761001
             */
            oidc_subject?: string | null;
            /**
             * Format: password
             * @description A new password: at least 12 characters, and not a common one.
             */
            password?: string | null;
            role?: components["schemas"]["Role"] | null;
        };
        /** @description A person to add. */
        UserNew: {
            /**
             * @description Where: ids of areas, or `*` for the whole city; none at all means nothing.
             * @example [
             *       "phuc-khanh"
             *     ]
             */
            areas: string[];
            /**
             * @description The name to show.
             * @example Nguyễn Thị Lan
             */
            full_name?: string;
            /**
             * @description The name to sign in with.
             * @example lan
             */
            name: string;
            /**
             * Format: password
             * @description At least 12 characters, and not a common one. Without it one is made.
             */
            password?: string | null;
            /** @description What they may do. */
            role: components["schemas"]["Role"];
        };
        /** @description A page of people, the newest first. */
        UserPage: {
            /** @description The people. */
            items: components["schemas"]["UserView"][];
            /** @description For the next page; none on the last. */
            next_cursor: string | null;
        };
        /** @description A person as administrators see them. */
        UserView: {
            /** @description Where: ids of areas, or `*` for the whole city. */
            areas: string[];
            /**
             * Format: date-time
             * @description When they were added.
             */
            created_at: string;
            /** @description Whether they are kept out. */
            disabled: boolean;
            /** @description The name to show; may be empty. */
            full_name: string;
            /**
             * Format: uuid
             * @description The id.
             */
            id: string;
            /** @description Whether they sign in elsewhere, through OIDC. */
            is_federated: boolean;
            /** @description The name to sign in with. */
            name: string;
            role: components["schemas"]["Role"] | null;
        };
        /**
         * @description What a person says of the machine's claim.
         * @enum {string}
         */
        Verdict: "true" | "false" | "test";
        /** @description Where a road user was at one moment. Lengths are shares of the picture's width or height. */
        WayPoint: {
            /**
             * Format: double
             * @description Seconds since the trajectory's `from`.
             */
            after_s: number;
            /**
             * Format: double
             * @description Height of the box.
             */
            height: number;
            /** @description Whether nobody saw the way to here from the point before. */
            unseen: boolean;
            /**
             * Format: double
             * @description Width of the box.
             */
            width: number;
            /**
             * Format: double
             * @description Foot point, from the left edge; a little outside 0..=1 when the road user was.
             */
            x: number;
            /**
             * Format: double
             * @description Foot point, from the upper edge.
             */
            y: number;
        };
        /**
         * @description How a webhook's body is written.
         * @enum {string}
         */
        WebhookFormat: "json" | "cap";
        /** @description A text in the languages of the screens. */
        Words: {
            /** @description English. */
            en: string;
            /** @description Vietnamese. */
            vi: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list_alerts: {
        parameters: {
            query?: {
                /** @description What people did with it; `all` by default. */
                state?: "open" | "acknowledged" | "shelved" | "dismissed" | "all";
                /** @description Only alerts whose condition lasts, or only those whose condition has ended. */
                active?: boolean;
                /** @description Only alerts of this severity. */
                severity?: components["schemas"]["Severity"];
                /** @description Only alerts of this edge. */
                edge?: string;
                /** @description Only alerts of this camera. */
                camera?: string;
                /** @description Only alerts of this area. */
                area?: string;
                /** @description Only alerts of this kind of event. */
                kind?: string;
                /** @description Only alerts of this owner: `me`, `none`, or a person's id. */
                owner?: string;
                /** @description Raised at this time or later. */
                from?: string;
                /** @description Raised before this time. */
                to?: string;
                /** @description Words, or beginnings of words, of the kind, edge, camera or its name, rule and zone; all of them must be there. */
                text?: string;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Alerts on a page; 100 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of alerts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertPage"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    acknowledge_alerts: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcknowledgeAlerts"];
            };
        };
        responses: {
            /** @description What became of each */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcknowledgedAlerts"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A request with this Idempotency-Key is under way */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_alert: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The alert's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The alert */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alert"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such alert */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    acknowledge_alert: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The alert's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The alert, acknowledged by you */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alert"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such alert */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Someone else was first: `acknowledged_by` says who */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    claim_alert: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The alert's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The alert, owned by you */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alert"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such alert */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Someone else owns it: `by` says who */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    dismiss_alert: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The alert's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DismissAlert"];
            };
        };
        responses: {
            /** @description The alert with its verdict */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alert"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such alert */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Someone else gave another verdict: `by` says who */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    forward_alert: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The alert's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ForwardAlert"];
            };
        };
        responses: {
            /** @description The alert, forwarded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alert"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such alert */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Someone else owns it: `by` says who */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_alert_log: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many on a page; 500 by default. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description The alert's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of its changes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertLog"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such alert */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    release_alert: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The alert's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The alert, owned by nobody */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alert"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such alert */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Someone else owns it: `by` says who */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    shelve_alert: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The alert's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ShelveAlert"];
            };
        };
        responses: {
            /** @description The alert, shelved */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alert"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such alert */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A request with this Idempotency-Key is under way */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unshelve_alert: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The alert's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The alert, not shelved */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alert"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such alert */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A request with this Idempotency-Key is under way */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_areas: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many on a page; 500 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The areas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AreaList"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_audit: {
        parameters: {
            query?: {
                /** @description Only what this person or machine did. */
                actor?: string;
                /** @description Only acts of this kind, such as `alert.acknowledge`. */
                action?: string;
                /** @description Only acts on this, such as an alert's id. */
                subject?: string;
                /** @description Not before this time. */
                from?: string;
                /** @description Before this time. */
                to?: string;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Rows on a page; 100 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of audit rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    verify_audit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether it is whole */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditCheck"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_backtest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The back-test's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How far it is, and the answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BacktestStatus"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such back-test */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_cameras: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many on a page; 500 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of cameras */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CameraList"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_picture: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The edge */
                edge: string;
                /** @description The camera */
                camera: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The picture */
            200: {
                headers: {
                    /** @description When it was taken, RFC 3339 */
                    "x-taken-at"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is none */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_picture: {
        parameters: {
            query: {
                /** @description When it was taken; a time in the future counts as now. */
                taken_at: string;
            };
            header?: never;
            path: {
                /** @description The edge */
                edge: string;
                /** @description The camera */
                camera: string;
            };
            cookie?: never;
        };
        /** @description At most 2 MiB */
        requestBody: {
            content: {
                "image/jpeg": string;
            };
        };
        responses: {
            /** @description Replaced */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No device credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A person's session, or another edge's camera */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not what it should be */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_dead_letters: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Dead letters on a page; 100 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of dead letters */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetterPage"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_dispatches: {
        parameters: {
            query?: {
                /** @description Only of this incident. */
                incident?: string;
                /** @description Only of this unit. */
                unit?: string;
                /** @description Only those that are not over. */
                open?: boolean;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Dispatches on a page; 100 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of dispatches */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DispatchPage"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    send_unit: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SendUnit"];
            };
        };
        responses: {
            /** @description The dispatch */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Dispatch"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such incident or unit in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The incident is over, or the unit is on its way already */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The unit takes nothing, or is off duty or of another area and `despite` does not say why */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_dispatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The dispatch's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The dispatch */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Dispatch"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such dispatch in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    move_dispatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The dispatch's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MoveDispatch"];
            };
        };
        responses: {
            /** @description The dispatch */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Dispatch"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such dispatch in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It cannot go there from where it is */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_edges: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many on a page; 500 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of edges */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EdgeList"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    renew_certificate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The edge, which is the one that asks */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AskCertificate"];
            };
        };
        responses: {
            /** @description The certificate */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Certificate"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No device credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A person's session, or another edge's camera */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The edge is another one, or certificates are not switched on */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not what it should be */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description More than ten in a day */
            429: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    make_claim_code: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The edge */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Made; it is told this once */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClaimCode"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such edge in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_credential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The edge */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Taken away */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such edge with a credential in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    enroll: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Enroll"];
            };
        };
        responses: {
            /** @description The credential */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            /** @description The request cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The code is wrong, used or too old, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not what it should be */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many attempts */
            429: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_events: {
        parameters: {
            query?: {
                /** @description Only events of this edge. */
                edge?: string;
                /** @description Only events of this camera. */
                camera?: string;
                /** @description Only events of this kind, such as `intrusion`. */
                kind?: string;
                /** @description Not before this time, by the edge's clock. */
                from?: string;
                /** @description Before this time, by the edge's clock. */
                to?: string;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Events on a page; 100 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_evidence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `sha256:` and 64 hex digits */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The picture */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is not here: perhaps not yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_evidence: {
        parameters: {
            query?: {
                /** @description The camera that took it. */
                camera?: string;
            };
            header?: never;
            path: {
                /** @description `sha256:` and 64 hex digits, of the body */
                digest: string;
            };
            cookie?: never;
        };
        /** @description At most 2 MiB */
        requestBody: {
            content: {
                "image/jpeg": string;
            };
        };
        responses: {
            /** @description It was here already */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is kept */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No device credential */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A person's session, or another edge's camera */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not what it should be */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The disk is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_inbox: {
        parameters: {
            query?: {
                /** @description With those that are over. */
                all?: boolean;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Dispatches on a page; 100 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Inbox"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_inbox_picture: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The dispatch's id */
                id: string;
                /** @description `sha256:` and 64 hex digits */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The picture */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It does not belong to a dispatch of yours */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    answer_dispatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The dispatch's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MoveDispatch"];
            };
        };
        responses: {
            /** @description The dispatch */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Dispatch"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such dispatch in your inbox */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It cannot go there from where it is */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_incidents: {
        parameters: {
            query?: {
                /** @description How far the work is; `all` by default. */
                state?: "unfinished" | "open" | "in_progress" | "resolved" | "closed" | "all";
                /** @description Only incidents of this kind. */
                kind?: string;
                /** @description Only incidents of this severity. */
                severity?: components["schemas"]["Severity"];
                /** @description Only incidents in this area. */
                area?: string;
                /** @description Only incidents of this person. */
                owner?: string;
                /** @description Only the incident of this number. */
                number?: string;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Incidents on a page; 100 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of incidents */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IncidentPage"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    open_incident: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpenIncident"];
            };
        };
        responses: {
            /** @description The incident that the alert belongs to */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description The new incident */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such alert in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A request with this Idempotency-Key is under way */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_incident: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The incident's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The incident */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IncidentView"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such incident in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_incident: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The incident's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeIncident"];
            };
        };
        responses: {
            /** @description The incident, changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such incident in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Somebody was faster, or it is over: `by` and `change` say who and what */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not what it should be */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    close_incident: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The incident's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The incident, closed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such incident in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is not resolved: `by` and `change` say who did what last */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    merge_incident: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the incident that stays */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MergeIncident"];
            };
        };
        responses: {
            /** @description The incident with what the other one brought */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description One of the two is not in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description One of the two is over, or somebody was faster: `by` and `change` say who and what */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    note_incident: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The incident's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IncidentNote"];
            };
        };
        responses: {
            /** @description The incident */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such incident in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A request with this Idempotency-Key is under way */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reopen_incident: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The incident's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReopenIncident"];
            };
        };
        responses: {
            /** @description The incident, unfinished again */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such incident in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is not over, or was merged: `by` and `change` say who did what last */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resolve_incident: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The incident's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResolveIncident"];
            };
        };
        responses: {
            /** @description The incident, resolved */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such incident in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Mandatory steps are open: `steps` names them; or somebody was faster: `by` and `change` say who and what */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    split_incident: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The incident's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SplitIncident"];
            };
        };
        responses: {
            /** @description What was taken out, as an incident */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such incident in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is over, or somebody was faster: `by` and `change` say who and what */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    do_incident_step: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The incident's id */
                id: string;
                /** @description The step's id */
                step: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DoStep"];
            };
        };
        responses: {
            /** @description The incident */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such incident in your areas, or no such step */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Somebody else did it, or the incident is over: `by` says who */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    take_incident: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The incident's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The incident, yours */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such incident in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Somebody else has it, or it is over: `by` says who */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    suggest_units: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The incident's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The units, the best first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UnitSuggestions"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such incident in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_ledger: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many on a page; 500 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the ledger */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ledger"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    live: {
        parameters: {
            query?: {
                /**
                 * @description The number of the last change that the client has; without it, or when the gap is larger than 5,000, the
                 *     state comes first.
                 */
                after?: number;
                /** @description The number of the last change of an incident that the client has; without it, it hears of incidents from now on. */
                incidents_after?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Switched to a websocket of these messages */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LiveMessage"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not a websocket request */
            426: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many connections */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description You */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MeChange"];
            };
        };
        responses: {
            /** @description You, changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description The request cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not what it should be */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    /** @description The new session */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description The request cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The old password is wrong, or a machine asks */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not what it should be */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Locked, or too many at once */
            429: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_observations: {
        parameters: {
            query?: {
                /** @description Only observations of this edge. */
                edge?: string;
                /** @description Only observations of this camera. */
                camera?: string;
                /** @description Only observations at this tripwire or zone. */
                zone?: string;
                /** @description Only this quantity, such as `count`. */
                quantity?: string;
                /** @description Not before this time, by the edge's clock. */
                from?: string;
                /** @description Before this time, by the edge's clock. */
                to?: string;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Observations on a page; 100 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of observations */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ObservationPage"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_openapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description This document */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    list_policies: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many on a page; 500 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Versions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyList"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_policy: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPolicy"];
            };
        };
        responses: {
            /** @description The new version */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyVersion"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A request with this Idempotency-Key is under way */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    begin_backtest: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewBacktest"];
            };
        };
        responses: {
            /** @description It runs */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BacktestStatus"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A request with this Idempotency-Key is under way */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_proposals: {
        parameters: {
            query?: {
                /** @description Begin; a day before `to` when it is not said. */
                from?: string;
                /** @description End; now when it is not said. */
                to?: string;
                /** @description Operator positions that share the alerts; 1 by default. */
                operators?: number;
                /** @description Only this area. */
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The proposals */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProposalList"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_policy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The version */
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The version */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyVersion"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such version */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    activate_policy: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The version */
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The version that is in force now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyVersion"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such version */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A request with this Idempotency-Key is under way */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_procedures: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The procedures */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Procedures"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_procedures: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeProcedures"];
            };
        };
        responses: {
            /** @description The procedures in force now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Procedures"];
                };
            };
            /** @description The request cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Somebody changed one since that version: `by` says who */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not what it should be */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_reports: {
        parameters: {
            query?: {
                /** @description Only reports that wait: received or accepted, and not answered. */
                unanswered?: boolean;
                /** @description Only reports that nobody has placed in an area yet. */
                unplaced?: boolean;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Reports on a page; 100 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of reports */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportPage"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    file_report: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["FileReport"];
            };
        };
        responses: {
            /** @description It is filed */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportFiled"];
                };
            };
            /** @description It is filed; to the page that shows its state */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": string;
                };
            };
            /** @description The origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": string;
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": string;
                };
            };
            /** @description A request with this Idempotency-Key is under way */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": string;
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": string;
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": string;
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": string;
                };
            };
            /** @description Too many from this address, or from everywhere */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": string;
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": string;
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "text/html": string;
                };
            };
        };
    };
    begin_report: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the form needs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportForm"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests from this address: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_report_status: {
        parameters: {
            query: {
                /** @description The secret that the reporter was told. */
                key: string;
            };
            header?: never;
            path: {
                /** @description The report's number */
                number: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How far it is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportStatus"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no report of that number and key */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests from this address: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    answer_report: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The report's number */
                number: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AnswerReport"];
            };
        };
        responses: {
            /** @description The report */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Report"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such report in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It was decided already: `by` says who */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    place_report: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The report's number */
                number: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlaceReport"];
            };
        };
        responses: {
            /** @description The report */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Report"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such report in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is part of an incident */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such area */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    link_report: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The report's number */
                number: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkReport"];
            };
        };
        responses: {
            /** @description The report */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Report"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such report or incident in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It was rejected, or is part of another incident */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It lies in no area yet, and you have several: say which first */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reject_report: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The report's number */
                number: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RejectReport"];
            };
        };
        responses: {
            /** @description The report */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Report"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such report in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It was decided already: `by` says who */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sign_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Signed in */
            200: {
                headers: {
                    /** @description The session */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description The request cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Wrong name or password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A foreign origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not what it should be */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Locked, or too many at once */
            429: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sign_out: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out here; the provider still has to be told */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedOut"];
                };
            };
            /** @description Signed out */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_sign_in_ways: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Besides name and password */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInWays"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    send_signal: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PostSignal"];
            };
        };
        responses: {
            /** @description It was here already */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignalTaken"];
                };
            };
            /** @description It is stored */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignalTaken"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A request with this Idempotency-Key is under way */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_silences: {
        parameters: {
            query?: {
                /** @description Also those that are over. */
                all?: boolean;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many on a page; 500 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The silences */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SilenceList"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_silence: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gets the first answer for 24 h and is not done again */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSilence"];
            };
        };
        responses: {
            /** @description The silence */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SilenceRow"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A request with this Idempotency-Key is under way */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    end_silence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The silence's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The silence */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SilenceRow"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such silence */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_alarm_load: {
        parameters: {
            query?: {
                /** @description Begin; a day before `to` when it is not said. */
                from?: string;
                /** @description End; now when it is not said. */
                to?: string;
                /** @description Operator positions that share the alerts; 1 by default. */
                operators?: number;
                /** @description Only this area. */
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The load */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlarmLoad"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_precision: {
        parameters: {
            query?: {
                /** @description Begin; a day before `to` when it is not said. */
                from?: string;
                /** @description End; now when it is not said. */
                to?: string;
                /** @description Operator positions that share the alerts; 1 by default. */
                operators?: number;
                /** @description Only this area. */
                area?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By camera and rule */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PrecisionList"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_tokens: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many on a page; 500 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tokens that are not revoked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenList"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    make_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenNew"];
            };
        };
        responses: {
            /** @description Made; the secret is told this once */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenMade"];
                };
            };
            /** @description The request cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not what it should be */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such token in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_tracks: {
        parameters: {
            query?: {
                /** @description Only tracks of this edge. Without it at most one day can be asked for. */
                edge?: string;
                /** @description Only tracks of this camera. */
                camera?: string;
                /** @description Only this class, such as `person`. */
                class?: string;
                /** @description Only pieces of this track. */
                track?: number;
                /**
                 * @description Only what was still there at this time or later, by the edge's clock. Without `edge`: one day before `to` or now,
                 *     if it is left out.
                 */
                from?: string;
                /** @description Only what was there before this time, by the edge's clock. */
                to?: string;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Tracks on a page; 100 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of trajectories */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrackPage"];
                };
            };
            /** @description A parameter cannot be read, or more than one day is asked for without `edge` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_units: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many on a page; 500 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of units */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UnitList"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_unit: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The unit's id: a-z, 0-9 and - */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutUnit"];
            };
        };
        responses: {
            /** @description The unit */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UnitShown"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The unit serves areas that are not yours */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Something in it cannot be used; `detail` names the key */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_users: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description People on a page; 100 by default. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of people */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserPage"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_user: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserNew"];
            };
        };
        responses: {
            /** @description Added */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserAdded"];
                };
            };
            /** @description The request cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The name is taken */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not what it should be */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The person's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserView"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such person in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The person's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            /** @description The person, changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserView"];
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such person in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The last administrator, or somebody else is that subject */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not what it should be */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    end_user_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The person's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All their sessions have ended */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such person in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_cap_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The message's identifier and `.xml` */
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/cap+xml": string;
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such message in your areas */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_cap_feed: {
        parameters: {
            query?: {
                /** @description Of the `next` link of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An Atom feed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/atom+xml": string;
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The role may not do this, or the origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    healthz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    open_link: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description What the message said */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The link is wrong or has run out */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests from this address: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    answer_link: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description What the message said */
                token: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": components["schemas"]["AnswerByLink"];
            };
        };
        responses: {
            /** @description Noted; back to the page */
            303: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The link is wrong or has run out */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It cannot go there from where it is */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has another media type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The form is not the page's */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests from this address: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer, or the log that the change belongs into is busy: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_link_picture: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description What the message said */
                token: string;
                /** @description `sha256:` and 64 hex digits */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The picture */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The link is wrong or has run out, or the picture is another's */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests from this address: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    finish_oidc: {
        parameters: {
            query?: {
                /** @description As given to the provider */
                state?: string;
                /** @description To be exchanged for a token, once */
                code?: string;
                /** @description Who answers (RFC 9207) */
                iss?: string;
                /** @description Why there is no code */
                error?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed in */
            303: {
                headers: {
                    /** @description Where the person wanted to go */
                    Location?: string;
                    /** @description The session */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Too late, used already, begun elsewhere, or cancelled: a page */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description This person may not enter: a page */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description There is no provider */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too often */
            429: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The provider does not answer, or its answer cannot be trusted: a page */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    start_oidc: {
        parameters: {
            query?: {
                /** @description The path of this site to come back to; anything else leads to `/` */
                return?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To the provider */
            303: {
                headers: {
                    /** @description The provider */
                    Location?: string;
                    /** @description For the way back */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no provider */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too often, or too many at once */
            429: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The provider does not answer: a page */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every part is ready */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description A part is down, or the center is still starting */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    report_form_page: {
        parameters: {
            query?: {
                /** @description `vi` or `en`. */
                lang?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The form */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests from this address: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    report_status_page: {
        parameters: {
            query: {
                /** @description The secret that the reporter was told. */
                key: string;
                /** @description `vi` or `en`. */
                lang?: string;
            };
            header?: never;
            path: {
                /** @description The report's number */
                number: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How far it is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description A parameter cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no report of that number and key */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests from this address: `Retry-After` says how long to wait */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The center could not do it */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database does not answer: `Retry-After` says how long to wait */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
