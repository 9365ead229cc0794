"""The second factor: turning it on and off, logging in with it, and showing it once more."""

from fastapi import Response, status

from app.api.answers import Answers
from app.api.deps import Anybody, Visitor
from app.api.errors import problems
from app.api.routing import API, stem
from app.api.v1.auth import handed_over
from app.domain.actors import StepUpRequired
from app.domain.mfa import (
    MfaAlreadyOn,
    MfaNotOn,
    MfaNotSetUp,
    MfaRequiredForStaff,
    WrongCode,
    WrongPassword,
)
from app.domain.sessions import EmailNotVerified, InvalidToken
from app.schemas.auth import TokenPairRead
from app.schemas.mfa import (
    ActivateTotp,
    EnrolmentRead,
    LogInWithCode,
    RecoveryCodesRead,
    RenewRecoveryCodes,
    SetUpTotp,
    StepUp,
    StepUpRead,
    TurnOffTotp,
    enrolment_read,
    recovery_codes_read,
    step_up_read,
)

router = stem("mfa", prefix=f"{API}/auth")
ENROLMENT = Answers(enrolment_read)
CODES = Answers(recovery_codes_read)
STEPPED_UP = Answers(step_up_read)


@router.post(
    "/login/mfa",
    response_model=TokenPairRead,
    responses=problems(InvalidToken, EmailNotVerified, WrongCode),
)
async def log_in_with_code(guest: Anybody, body: LogInWithCode) -> Response:
    """Begin the session that waited for a code of the second factor."""
    async with guest.writing() as services:
        pair = await services.admission.complete(body.mfa_token, body.code, device=body.device)
        return handed_over(guest.request, pair, in_cookie=body.cookie)


@router.post(
    "/mfa/totp",
    response_model=EnrolmentRead,
    responses=problems(MfaAlreadyOn, StepUpRequired, WrongPassword),
)
async def set_up_totp(visitor: Visitor, body: SetUpTotp) -> Response:
    """Begin to set up an authenticator app; nothing is asked of it before it is activated."""
    async with visitor.writing() as caller:
        enrolment = await caller.services.mfa.set_up(caller.actor, body.password)
    return ENROLMENT.ok(enrolment)  # 7 ms of drawing, for which nobody's connection waits


@router.post(
    "/mfa/totp/activate",
    response_model=RecoveryCodesRead,
    responses=problems(MfaAlreadyOn, MfaNotSetUp, WrongCode),
)
async def activate_totp(visitor: Visitor, body: ActivateTotp) -> Response:
    """Turn the second factor on; the recovery codes are shown this once."""
    async with visitor.writing() as caller:
        return CODES.ok(await caller.services.mfa.activate(caller.actor, body.code))


@router.delete(
    "/mfa/totp",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(MfaNotOn, MfaRequiredForStaff, StepUpRequired, WrongCode, WrongPassword),
)
async def turn_off_totp(visitor: Visitor, body: TurnOffTotp) -> Response:
    """Turn the second factor off, by password and code."""
    async with visitor.writing() as caller:
        await caller.services.mfa.turn_off(caller.actor, password=body.password, code=body.code)
        return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post(
    "/mfa/recovery-codes",
    response_model=RecoveryCodesRead,
    responses=problems(MfaNotOn, WrongCode),
)
async def renew_recovery_codes(visitor: Visitor, body: RenewRecoveryCodes) -> Response:
    """Return new recovery codes, this once; those from before are worth nothing."""
    async with visitor.writing() as caller:
        return CODES.ok(await caller.services.mfa.renew_codes(caller.actor, body.code))


@router.post(
    "/step-up",
    response_model=StepUpRead,
    responses=problems(MfaNotOn, WrongCode, WrongPassword),
)
async def step_up(visitor: Visitor, body: StepUp) -> Response:
    """Show a password or a code once more, as dangerous things ask for."""
    async with visitor.writing() as caller:
        mfa = caller.services.mfa
        if body.password is not None:
            until = await mfa.step_up_by_password(caller.actor, body.password)
        else:
            assert body.code is not None
            until = await mfa.step_up_by_code(caller.actor, body.code)
        return STEPPED_UP.ok(until)
