"""The database itself notes which message and which ticket mentions which file, whoever writes the row and however."""

from dataclasses import replace

import pytest
from alembic import command
from alembic.config import Config
from making_rows import NOW, commit, conversation, customer, opened, plan, said, ticket
from sqlalchemy import create_engine, delete, insert, select, update

from store import conversations, media, mentions, tickets
from store.conversations import MessageDraft
from store.media import MediaRow
from store.migrate import HEAD
from store.tables import file_mentions, messages
from store.tables import tickets as ticket_rows

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


def attachments(*blobs: str) -> dict:
    return {"attachments": [{"blob_id": blob, "media_type": "image/jpeg", "size": 1, "name": "a.jpg"} for blob in blobs]}


async def noted(store) -> set[tuple[str, str, int]]:
    return {tuple(row) for row in await store.read(lambda tx: tx.conn.execute(select(file_mentions)).all())}


async def test_a_customers_message_an_agents_and_a_tickets_files_are_noted_and_nothing_else(store):
    owner = customer()
    before = conversation(owner)
    todo = plan(before, replace(said(""), payload=attachments(A, B, A)), said("没有文件"), new=owner)
    assert await commit(store, todo) == "ok"
    agents_draft = MessageDraft(said("").speaker, "", payload={**attachments(C), "buttons": [{"blob_id": "no file"}]})
    await store.write(lambda tx: conversations.append(tx, before.id, agents_draft, now=NOW))
    odd = MessageDraft(said("").speaker, '"blob_id"', payload={"note": '"blob_id"', "attachments": ["x", 1, {"name": "y"}, None]})
    await store.write(lambda tx: conversations.append(tx, before.id, odd, now=NOW))
    odder = MessageDraft(said("").speaker, "", payload={"attachments": {"blob_id": A}})
    await store.write(lambda tx: conversations.append(tx, before.id, odder, now=NOW))
    await store.write(lambda tx: tickets.file(tx, replace(ticket("FB202511230000011"), record=attachments(B)), NOW))
    await store.write(lambda tx: tickets.file(tx, ticket("FB202511230000022"), NOW))
    found = await noted(store)
    assert found - {row for row in found if row[2] == 5} == {
        (A, before.id, 1),
        (B, before.id, 1),
        (C, before.id, 3),
        (B, "FB202511230000011", 0),
    }
    assert await store.read(lambda tx: mentions.among(tx, [A, B, "d" * 64])) == {A, B}


async def test_a_file_that_is_fetched_later_is_noted_and_what_is_forgotten_is_not(store):
    found = await opened(store)
    waits = MessageDraft(said("").speaker, "", payload={"pending_media": 2})
    done = await store.write(lambda tx: conversations.append(tx, found.id, waits, now=NOW))
    files = [("m1", "image"), ("m2", "image")]
    await store.write(lambda tx: media.expect(tx, found.id, done.seq, "official:main", files, NOW))
    for n, blob in enumerate((A, B)):
        item = MediaRow(found.id, done.seq, n, "official:main", f"m{n + 1}", "image", 0)
        file = attachments(blob)["attachments"][0]
        await store.write(lambda tx, item=item, file=file: media.arrived(tx, item, file))
    assert await noted(store) == {(A, found.id, done.seq), (B, found.id, done.seq)}
    mine = messages.c.conversation_id == found.id
    await store.write(lambda tx: tx.conn.execute(update(messages).where(mine).values(payload=attachments(C))) and None)
    assert {row[0] for row in await noted(store)} == {C}
    await store.write(lambda tx: tx.conn.execute(update(messages).where(mine).values(payload=None)) and None)
    assert await noted(store) == set()


async def test_a_row_that_is_deleted_mentions_nothing(store):
    found = await opened(store)
    carries = MessageDraft(said("").speaker, "", payload=attachments(A))
    await store.write(lambda tx: conversations.append(tx, found.id, carries, now=NOW))
    await store.write(lambda tx: tx.conn.execute(delete(messages).where(messages.c.payload.isnot(None))) and None)
    assert await noted(store) == set()


@pytest.mark.parametrize("count", [1, 700])
async def test_what_was_there_before_the_migration_is_noted_by_it(store, database_url, count):
    found = await opened(store)
    row = {"conversation_id": found.id, "account": "in_app:main", "speaker": "customer", "type": "image", "audience": "all"}
    rows = [
        {**row, "seq": 100 + n, "text": "", "payload": attachments(f"{n:064x}", A) if n % 2 == 0 else {"buttons": []}, "at": NOW}
        for n in range(count)
    ]
    await store.write(lambda tx: tx.conn.execute(insert(messages), rows) and None)
    await store.write(lambda tx: tickets.file(tx, replace(ticket("FB202511230000011"), record=attachments(B)), NOW))
    before = await noted(store)
    await store.close()
    engine = create_engine(database_url)
    with engine.connect() as connection, connection.begin():
        config = Config()
        config.set_main_option("script_location", "store/migrations")
        config.attributes["connection"] = connection
        command.downgrade(config, "0017")
        command.upgrade(config, HEAD)
        after = {tuple(row) for row in connection.execute(select(file_mentions))}
        assert connection.execute(select(ticket_rows.c.no)).all()
    engine.dispose()
    assert after == before and len(before) == 2 * ((count + 1) // 2) + 1
