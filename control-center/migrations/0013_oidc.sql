-- A sign-in through OIDC that is under way belongs to one browser, and knows where that wanted to go.
delete from oidc_flows;
alter table oidc_flows add column browser_sha256 bytea not null;
alter table oidc_flows add column return_to text not null;

-- What a session was begun with at the provider, to sign out there as well. Signs nobody in; gone with the session.
alter table sessions add column id_token text;
