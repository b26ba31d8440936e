"""The accounting systems whose exports are known; of two that fit an export, the one with more marks counts, then the first."""

from __future__ import annotations

from workbook.ledgers.profiles.business_central import BUSINESS_CENTRAL
from workbook.ledgers.profiles.d365 import D365
from workbook.ledgers.profiles.datev_extf import DATEV_EXTF
from workbook.ledgers.profiles.datev_opos import DATEV_OPOS
from workbook.ledgers.profiles.erpnext import ERPNEXT
from workbook.ledgers.profiles.fec import FEC
from workbook.ledgers.profiles.flat_lists import IBM_LIST, SAP_FLAT
from workbook.ledgers.profiles.infor_ln import INFOR_LN
from workbook.ledgers.profiles.infor_m3 import INFOR_M3
from workbook.ledgers.profiles.odoo import ODOO_AGED, ODOO_INVOICES, ODOO_MOVE_LINES, ODOO_OPEN_ITEMS, ODOO_PARTNER_LEDGER
from workbook.ledgers.profiles.profile import Profile
from workbook.ledgers.profiles.quickbooks import QUICKBOOKS_DESKTOP, QUICKBOOKS_ONLINE
from workbook.ledgers.profiles.saft import SAFT
from workbook.ledgers.profiles.sage50 import SAGE50
from workbook.ledgers.profiles.sage100_ledger import SAGE100_LEDGER
from workbook.ledgers.profiles.sage100_print import SAGE100_PRINT
from workbook.ledgers.profiles.sage_x3 import SAGE_X3
from workbook.ledgers.profiles.sap_fbl5n import SAP_FBL5N
from workbook.ledgers.profiles.tally import TALLY
from workbook.ledgers.profiles.xero import XERO

GENERIC = Profile("generic", "")

PROFILES: tuple[Profile, ...] = (
    FEC, DATEV_EXTF, SAFT, SAGE100_LEDGER, SAP_FBL5N, INFOR_M3, INFOR_LN, BUSINESS_CENTRAL, D365, ODOO_AGED, ODOO_PARTNER_LEDGER, ODOO_OPEN_ITEMS,
    ODOO_MOVE_LINES, ODOO_INVOICES, ERPNEXT, QUICKBOOKS_ONLINE, QUICKBOOKS_DESKTOP, XERO, TALLY, SAGE50, SAGE100_PRINT, SAGE_X3, DATEV_OPOS, SAP_FLAT,
    IBM_LIST,
)  # fmt: skip
