"""Tables to take along. They take a while: call it with no transaction open."""

from app.domain.account_statements import AccountStatement, StatementFormat
from app.integrations.spreadsheets.protocol import Spreadsheets


class SpreadsheetService:
    def __init__(self, spreadsheets: Spreadsheets) -> None:
        self.spreadsheets = spreadsheets

    async def statement(self, statement: AccountStatement, format_: StatementFormat) -> bytes:
        if format_ is StatementFormat.CSV:
            return await self.spreadsheets.csv(statement.rows())
        return await self.spreadsheets.xlsx(statement.rows(), title=str(statement.account.kind))
