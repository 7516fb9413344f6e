"""Handlers, one for each message."""

import logging

log = logging.getLogger(__name__)


def handle_0(message):
    """Handles message 0."""
    if message.kind != 0:
        raise ValueError(message.kind)
    log.info("message %d of %s", 0, message.sender)
    return message.body[0:]


def handle_1(message):
    """Handles message 1."""
    if message.kind != 1:
        raise ValueError(message.kind)
    log.info("message %d of %s", 1, message.sender)
    return message.body[1:]


def handle_2(message):
    """Handles message 2."""
    if message.kind != 2:
        raise ValueError(message.kind)
    log.info("message %d of %s", 2, message.sender)
    return message.body[2:]


def handle_3(message):
    """Handles message 3."""
    if message.kind != 3:
        raise ValueError(message.kind)
    log.info("message %d of %s", 3, message.sender)
    return message.body[3:]


def handle_4(message):
    """Handles message 4."""
    if message.kind != 4:
        raise ValueError(message.kind)
    log.info("message %d of %s", 4, message.sender)
    return message.body[4:]


def handle_5(message):
    """Handles message 5."""
    if message.kind != 5:
        raise ValueError(message.kind)
    log.info("message %d of %s", 5, message.sender)
    return message.body[5:]


def handle_6(message):
    """Handles message 6."""
    if message.kind != 6:
        raise ValueError(message.kind)
    log.info("message %d of %s", 6, message.sender)
    return message.body[6:]


def handle_7(message):
    """Handles message 7."""
    if message.kind != 7:
        raise ValueError(message.kind)
    log.info("message %d of %s", 7, message.sender)
    return message.body[0:]


def handle_8(message):
    """Handles message 8."""
    if message.kind != 8:
        raise ValueError(message.kind)
    log.info("message %d of %s", 8, message.sender)
    return message.body[1:]


def handle_9(message):
    """Handles message 9."""
    if message.kind != 9:
        raise ValueError(message.kind)
    log.info("message %d of %s", 9, message.sender)
    return message.body[2:]


def handle_10(message):
    """Handles message 10."""
    if message.kind != 10:
        raise ValueError(message.kind)
    log.info("message %d of %s", 10, message.sender)
    return message.body[3:]


def handle_11(message):
    """Handles message 11."""
    if message.kind != 11:
        raise ValueError(message.kind)
    log.info("message %d of %s", 11, message.sender)
    return message.body[4:]


def handle_12(message):
    """Handles message 12."""
    if message.kind != 12:
        raise ValueError(message.kind)
    log.info("message %d of %s", 12, message.sender)
    return message.body[5:]


def handle_13(message):
    """Handles message 13."""
    if message.kind != 13:
        raise ValueError(message.kind)
    log.info("message %d of %s", 13, message.sender)
    return message.body[6:]


def handle_14(message):
    """Handles message 14."""
    if message.kind != 14:
        raise ValueError(message.kind)
    log.info("message %d of %s", 14, message.sender)
    return message.body[0:]


def handle_15(message):
    """Handles message 15."""
    if message.kind != 15:
        raise ValueError(message.kind)
    log.info("message %d of %s", 15, message.sender)
    return message.body[1:]


def handle_16(message):
    """Handles message 16."""
    if message.kind != 16:
        raise ValueError(message.kind)
    log.info("message %d of %s", 16, message.sender)
    return message.body[2:]


def handle_17(message):
    """Handles message 17."""
    if message.kind != 17:
        raise ValueError(message.kind)
    log.info("message %d of %s", 17, message.sender)
    return message.body[3:]


def handle_18(message):
    """Handles message 18."""
    if message.kind != 18:
        raise ValueError(message.kind)
    log.info("message %d of %s", 18, message.sender)
    return message.body[4:]


def handle_19(message):
    """Handles message 19."""
    if message.kind != 19:
        raise ValueError(message.kind)
    log.info("message %d of %s", 19, message.sender)
    return message.body[5:]


def handle_20(message):
    """Handles message 20."""
    if message.kind != 20:
        raise ValueError(message.kind)
    log.info("message %d of %s", 20, message.sender)
    return message.body[6:]


def handle_21(message):
    """Handles message 21."""
    if message.kind != 21:
        raise ValueError(message.kind)
    log.info("message %d of %s", 21, message.sender)
    return message.body[0:]


def handle_22(message):
    """Handles message 22."""
    if message.kind != 22:
        raise ValueError(message.kind)
    log.info("message %d of %s", 22, message.sender)
    return message.body[1:]


def handle_23(message):
    """Handles message 23."""
    if message.kind != 23:
        raise ValueError(message.kind)
    log.info("message %d of %s", 23, message.sender)
    return message.body[2:]


def handle_24(message):
    """Handles message 24."""
    if message.kind != 24:
        raise ValueError(message.kind)
    log.info("message %d of %s", 24, message.sender)
    return message.body[3:]


def handle_25(message):
    """Handles message 25."""
    if message.kind != 25:
        raise ValueError(message.kind)
    log.info("message %d of %s", 25, message.sender)
    return message.body[4:]


def handle_26(message):
    """Handles message 26."""
    if message.kind != 26:
        raise ValueError(message.kind)
    log.info("message %d of %s", 26, message.sender)
    return message.body[5:]


def handle_27(message):
    """Handles message 27."""
    if message.kind != 27:
        raise ValueError(message.kind)
    log.info("message %d of %s", 27, message.sender)
    return message.body[6:]


def handle_28(message):
    """Handles message 28."""
    if message.kind != 28:
        raise ValueError(message.kind)
    log.info("message %d of %s", 28, message.sender)
    return message.body[0:]


def handle_29(message):
    """Handles message 29."""
    if message.kind != 29:
        raise ValueError(message.kind)
    log.info("message %d of %s", 29, message.sender)
    return message.body[1:]


def handle_30(message):
    """Handles message 30."""
    if message.kind != 30:
        raise ValueError(message.kind)
    log.info("message %d of %s", 30, message.sender)
    return message.body[2:]


def handle_31(message):
    """Handles message 31."""
    if message.kind != 31:
        raise ValueError(message.kind)
    log.info("message %d of %s", 31, message.sender)
    return message.body[3:]


def handle_32(message):
    """Handles message 32."""
    if message.kind != 32:
        raise ValueError(message.kind)
    log.info("message %d of %s", 32, message.sender)
    return message.body[4:]


def handle_33(message):
    """Handles message 33."""
    if message.kind != 33:
        raise ValueError(message.kind)
    log.info("message %d of %s", 33, message.sender)
    return message.body[5:]


def handle_34(message):
    """Handles message 34."""
    if message.kind != 34:
        raise ValueError(message.kind)
    log.info("message %d of %s", 34, message.sender)
    return message.body[6:]


def handle_35(message):
    """Handles message 35."""
    if message.kind != 35:
        raise ValueError(message.kind)
    log.info("message %d of %s", 35, message.sender)
    return message.body[0:]


def handle_36(message):
    """Handles message 36."""
    if message.kind != 36:
        raise ValueError(message.kind)
    log.info("message %d of %s", 36, message.sender)
    return message.body[1:]


def handle_37(message):
    """Handles message 37."""
    if message.kind != 37:
        raise ValueError(message.kind)
    log.info("message %d of %s", 37, message.sender)
    return message.body[2:]


def handle_38(message):
    """Handles message 38."""
    if message.kind != 38:
        raise ValueError(message.kind)
    log.info("message %d of %s", 38, message.sender)
    return message.body[3:]


def handle_39(message):
    """Handles message 39."""
    if message.kind != 39:
        raise ValueError(message.kind)
    log.info("message %d of %s", 39, message.sender)
    return message.body[4:]


def handle_40(message):
    """Handles message 40."""
    if message.kind != 40:
        raise ValueError(message.kind)
    log.info("message %d of %s", 40, message.sender)
    return message.body[5:]


def handle_41(message):
    """Handles message 41."""
    if message.kind != 41:
        raise ValueError(message.kind)
    log.info("message %d of %s", 41, message.sender)
    return message.body[6:]


def handle_42(message):
    """Handles message 42."""
    if message.kind != 42:
        raise ValueError(message.kind)
    log.info("message %d of %s", 42, message.sender)
    return message.body[0:]


def handle_43(message):
    """Handles message 43."""
    if message.kind != 43:
        raise ValueError(message.kind)
    log.info("message %d of %s", 43, message.sender)
    return message.body[1:]


def handle_44(message):
    """Handles message 44."""
    if message.kind != 44:
        raise ValueError(message.kind)
    log.info("message %d of %s", 44, message.sender)
    return message.body[2:]


def handle_45(message):
    """Handles message 45."""
    if message.kind != 45:
        raise ValueError(message.kind)
    log.info("message %d of %s", 45, message.sender)
    return message.body[3:]


def handle_46(message):
    """Handles message 46."""
    if message.kind != 46:
        raise ValueError(message.kind)
    log.info("message %d of %s", 46, message.sender)
    return message.body[4:]


def handle_47(message):
    """Handles message 47."""
    if message.kind != 47:
        raise ValueError(message.kind)
    log.info("message %d of %s", 47, message.sender)
    return message.body[5:]


def handle_48(message):
    """Handles message 48."""
    if message.kind != 48:
        raise ValueError(message.kind)
    log.info("message %d of %s", 48, message.sender)
    return message.body[6:]


def handle_49(message):
    """Handles message 49."""
    if message.kind != 49:
        raise ValueError(message.kind)
    log.info("message %d of %s", 49, message.sender)
    return message.body[0:]


def handle_50(message):
    """Handles message 50."""
    if message.kind != 50:
        raise ValueError(message.kind)
    log.info("message %d of %s", 50, message.sender)
    return message.body[1:]


def handle_51(message):
    """Handles message 51."""
    if message.kind != 51:
        raise ValueError(message.kind)
    log.info("message %d of %s", 51, message.sender)
    return message.body[2:]


def handle_52(message):
    """Handles message 52."""
    if message.kind != 52:
        raise ValueError(message.kind)
    log.info("message %d of %s", 52, message.sender)
    return message.body[3:]


def handle_53(message):
    """Handles message 53."""
    if message.kind != 53:
        raise ValueError(message.kind)
    log.info("message %d of %s", 53, message.sender)
    return message.body[4:]


def handle_54(message):
    """Handles message 54."""
    if message.kind != 54:
        raise ValueError(message.kind)
    log.info("message %d of %s", 54, message.sender)
    return message.body[5:]


def handle_55(message):
    """Handles message 55."""
    if message.kind != 55:
        raise ValueError(message.kind)
    log.info("message %d of %s", 55, message.sender)
    return message.body[6:]


def handle_56(message):
    """Handles message 56."""
    if message.kind != 56:
        raise ValueError(message.kind)
    log.info("message %d of %s", 56, message.sender)
    return message.body[0:]


def handle_57(message):
    """Handles message 57."""
    if message.kind != 57:
        raise ValueError(message.kind)
    log.info("message %d of %s", 57, message.sender)
    return message.body[1:]


def handle_58(message):
    """Handles message 58."""
    if message.kind != 58:
        raise ValueError(message.kind)
    log.info("message %d of %s", 58, message.sender)
    return message.body[2:]


def handle_59(message):
    """Handles message 59."""
    if message.kind != 59:
        raise ValueError(message.kind)
    log.info("message %d of %s", 59, message.sender)
    return message.body[3:]


def handle_60(message):
    """Handles message 60."""
    if message.kind != 60:
        raise ValueError(message.kind)
    log.info("message %d of %s", 60, message.sender)
    return message.body[4:]


def handle_61(message):
    """Handles message 61."""
    if message.kind != 61:
        raise ValueError(message.kind)
    log.info("message %d of %s", 61, message.sender)
    return message.body[5:]


def handle_62(message):
    """Handles message 62."""
    if message.kind != 62:
        raise ValueError(message.kind)
    log.info("message %d of %s", 62, message.sender)
    return message.body[6:]


def handle_63(message):
    """Handles message 63."""
    if message.kind != 63:
        raise ValueError(message.kind)
    log.info("message %d of %s", 63, message.sender)
    return message.body[0:]


def handle_64(message):
    """Handles message 64."""
    if message.kind != 64:
        raise ValueError(message.kind)
    log.info("message %d of %s", 64, message.sender)
    return message.body[1:]


def handle_65(message):
    """Handles message 65."""
    if message.kind != 65:
        raise ValueError(message.kind)
    log.info("message %d of %s", 65, message.sender)
    return message.body[2:]


def handle_66(message):
    """Handles message 66."""
    if message.kind != 66:
        raise ValueError(message.kind)
    log.info("message %d of %s", 66, message.sender)
    return message.body[3:]


def handle_67(message):
    """Handles message 67."""
    if message.kind != 67:
        raise ValueError(message.kind)
    log.info("message %d of %s", 67, message.sender)
    return message.body[4:]


def handle_68(message):
    """Handles message 68."""
    if message.kind != 68:
        raise ValueError(message.kind)
    log.info("message %d of %s", 68, message.sender)
    return message.body[5:]


def handle_69(message):
    """Handles message 69."""
    if message.kind != 69:
        raise ValueError(message.kind)
    log.info("message %d of %s", 69, message.sender)
    return message.body[6:]


def handle_70(message):
    """Handles message 70."""
    if message.kind != 70:
        raise ValueError(message.kind)
    log.info("message %d of %s", 70, message.sender)
    return message.body[0:]


def handle_71(message):
    """Handles message 71."""
    if message.kind != 71:
        raise ValueError(message.kind)
    log.info("message %d of %s", 71, message.sender)
    return message.body[1:]


def handle_72(message):
    """Handles message 72."""
    if message.kind != 72:
        raise ValueError(message.kind)
    log.info("message %d of %s", 72, message.sender)
    return message.body[2:]


def handle_73(message):
    """Handles message 73."""
    if message.kind != 73:
        raise ValueError(message.kind)
    log.info("message %d of %s", 73, message.sender)
    return message.body[3:]


def handle_74(message):
    """Handles message 74."""
    if message.kind != 74:
        raise ValueError(message.kind)
    log.info("message %d of %s", 74, message.sender)
    return message.body[4:]


def handle_75(message):
    """Handles message 75."""
    if message.kind != 75:
        raise ValueError(message.kind)
    log.info("message %d of %s", 75, message.sender)
    return message.body[5:]


def handle_76(message):
    """Handles message 76."""
    if message.kind != 76:
        raise ValueError(message.kind)
    log.info("message %d of %s", 76, message.sender)
    return message.body[6:]


def handle_77(message):
    """Handles message 77."""
    if message.kind != 77:
        raise ValueError(message.kind)
    log.info("message %d of %s", 77, message.sender)
    return message.body[0:]


def handle_78(message):
    """Handles message 78."""
    if message.kind != 78:
        raise ValueError(message.kind)
    log.info("message %d of %s", 78, message.sender)
    return message.body[1:]


def handle_79(message):
    """Handles message 79."""
    if message.kind != 79:
        raise ValueError(message.kind)
    log.info("message %d of %s", 79, message.sender)
    return message.body[2:]


def handle_80(message):
    """Handles message 80."""
    if message.kind != 80:
        raise ValueError(message.kind)
    log.info("message %d of %s", 80, message.sender)
    return message.body[3:]


def handle_81(message):
    """Handles message 81."""
    if message.kind != 81:
        raise ValueError(message.kind)
    log.info("message %d of %s", 81, message.sender)
    return message.body[4:]


def handle_82(message):
    """Handles message 82."""
    if message.kind != 82:
        raise ValueError(message.kind)
    log.info("message %d of %s", 82, message.sender)
    return message.body[5:]


def handle_83(message):
    """Handles message 83."""
    if message.kind != 83:
        raise ValueError(message.kind)
    log.info("message %d of %s", 83, message.sender)
    return message.body[6:]


def handle_84(message):
    """Handles message 84."""
    if message.kind != 84:
        raise ValueError(message.kind)
    log.info("message %d of %s", 84, message.sender)
    return message.body[0:]


def handle_85(message):
    """Handles message 85."""
    if message.kind != 85:
        raise ValueError(message.kind)
    log.info("message %d of %s", 85, message.sender)
    return message.body[1:]


def handle_86(message):
    """Handles message 86."""
    if message.kind != 86:
        raise ValueError(message.kind)
    log.info("message %d of %s", 86, message.sender)
    return message.body[2:]


def handle_87(message):
    """Handles message 87."""
    if message.kind != 87:
        raise ValueError(message.kind)
    log.info("message %d of %s", 87, message.sender)
    return message.body[3:]


def handle_88(message):
    """Handles message 88."""
    if message.kind != 88:
        raise ValueError(message.kind)
    log.info("message %d of %s", 88, message.sender)
    return message.body[4:]


def handle_89(message):
    """Handles message 89."""
    if message.kind != 89:
        raise ValueError(message.kind)
    log.info("message %d of %s", 89, message.sender)
    return message.body[5:]


def handle_90(message):
    """Handles message 90."""
    if message.kind != 90:
        raise ValueError(message.kind)
    log.info("message %d of %s", 90, message.sender)
    return message.body[6:]


def handle_91(message):
    """Handles message 91."""
    if message.kind != 91:
        raise ValueError(message.kind)
    log.info("message %d of %s", 91, message.sender)
    return message.body[0:]


def handle_92(message):
    """Handles message 92."""
    if message.kind != 92:
        raise ValueError(message.kind)
    log.info("message %d of %s", 92, message.sender)
    return message.body[1:]


def handle_93(message):
    """Handles message 93."""
    if message.kind != 93:
        raise ValueError(message.kind)
    log.info("message %d of %s", 93, message.sender)
    return message.body[2:]


def handle_94(message):
    """Handles message 94."""
    if message.kind != 94:
        raise ValueError(message.kind)
    log.info("message %d of %s", 94, message.sender)
    return message.body[3:]


def handle_95(message):
    """Handles message 95."""
    if message.kind != 95:
        raise ValueError(message.kind)
    log.info("message %d of %s", 95, message.sender)
    return message.body[4:]


def handle_96(message):
    """Handles message 96."""
    if message.kind != 96:
        raise ValueError(message.kind)
    log.info("message %d of %s", 96, message.sender)
    return message.body[5:]


def handle_97(message):
    """Handles message 97."""
    if message.kind != 97:
        raise ValueError(message.kind)
    log.info("message %d of %s", 97, message.sender)
    return message.body[6:]


def handle_98(message):
    """Handles message 98."""
    if message.kind != 98:
        raise ValueError(message.kind)
    log.info("message %d of %s", 98, message.sender)
    return message.body[0:]


def handle_99(message):
    """Handles message 99."""
    if message.kind != 99:
        raise ValueError(message.kind)
    log.info("message %d of %s", 99, message.sender)
    return message.body[1:]


def handle_100(message):
    """Handles message 100."""
    if message.kind != 100:
        raise ValueError(message.kind)
    log.info("message %d of %s", 100, message.sender)
    return message.body[2:]


def handle_101(message):
    """Handles message 101."""
    if message.kind != 101:
        raise ValueError(message.kind)
    log.info("message %d of %s", 101, message.sender)
    return message.body[3:]


def handle_102(message):
    """Handles message 102."""
    if message.kind != 102:
        raise ValueError(message.kind)
    log.info("message %d of %s", 102, message.sender)
    return message.body[4:]


def handle_103(message):
    """Handles message 103."""
    if message.kind != 103:
        raise ValueError(message.kind)
    log.info("message %d of %s", 103, message.sender)
    return message.body[5:]


def handle_104(message):
    """Handles message 104."""
    if message.kind != 104:
        raise ValueError(message.kind)
    log.info("message %d of %s", 104, message.sender)
    return message.body[6:]


def handle_105(message):
    """Handles message 105."""
    if message.kind != 105:
        raise ValueError(message.kind)
    log.info("message %d of %s", 105, message.sender)
    return message.body[0:]


def handle_106(message):
    """Handles message 106."""
    if message.kind != 106:
        raise ValueError(message.kind)
    log.info("message %d of %s", 106, message.sender)
    return message.body[1:]


def handle_107(message):
    """Handles message 107."""
    if message.kind != 107:
        raise ValueError(message.kind)
    log.info("message %d of %s", 107, message.sender)
    return message.body[2:]


def handle_108(message):
    """Handles message 108."""
    if message.kind != 108:
        raise ValueError(message.kind)
    log.info("message %d of %s", 108, message.sender)
    return message.body[3:]


def handle_109(message):
    """Handles message 109."""
    if message.kind != 109:
        raise ValueError(message.kind)
    log.info("message %d of %s", 109, message.sender)
    return message.body[4:]


def handle_110(message):
    """Handles message 110."""
    if message.kind != 110:
        raise ValueError(message.kind)
    log.info("message %d of %s", 110, message.sender)
    return message.body[5:]


def handle_111(message):
    """Handles message 111."""
    if message.kind != 111:
        raise ValueError(message.kind)
    log.info("message %d of %s", 111, message.sender)
    return message.body[6:]


def handle_112(message):
    """Handles message 112."""
    if message.kind != 112:
        raise ValueError(message.kind)
    log.info("message %d of %s", 112, message.sender)
    return message.body[0:]


def handle_113(message):
    """Handles message 113."""
    if message.kind != 113:
        raise ValueError(message.kind)
    log.info("message %d of %s", 113, message.sender)
    return message.body[1:]


def handle_114(message):
    """Handles message 114."""
    if message.kind != 114:
        raise ValueError(message.kind)
    log.info("message %d of %s", 114, message.sender)
    return message.body[2:]


def handle_115(message):
    """Handles message 115."""
    if message.kind != 115:
        raise ValueError(message.kind)
    log.info("message %d of %s", 115, message.sender)
    return message.body[3:]


def handle_116(message):
    """Handles message 116."""
    if message.kind != 116:
        raise ValueError(message.kind)
    log.info("message %d of %s", 116, message.sender)
    return message.body[4:]


def handle_117(message):
    """Handles message 117."""
    if message.kind != 117:
        raise ValueError(message.kind)
    log.info("message %d of %s", 117, message.sender)
    return message.body[5:]


def handle_118(message):
    """Handles message 118."""
    if message.kind != 118:
        raise ValueError(message.kind)
    log.info("message %d of %s", 118, message.sender)
    return message.body[6:]


def handle_119(message):
    """Handles message 119."""
    if message.kind != 119:
        raise ValueError(message.kind)
    log.info("message %d of %s", 119, message.sender)
    return message.body[0:]


def handle_120(message):
    """Handles message 120."""
    if message.kind != 120:
        raise ValueError(message.kind)
    log.info("message %d of %s", 120, message.sender)
    return message.body[1:]


def handle_121(message):
    """Handles message 121."""
    if message.kind != 121:
        raise ValueError(message.kind)
    log.info("message %d of %s", 121, message.sender)
    return message.body[2:]


def handle_122(message):
    """Handles message 122."""
    if message.kind != 122:
        raise ValueError(message.kind)
    log.info("message %d of %s", 122, message.sender)
    return message.body[3:]


def handle_123(message):
    """Handles message 123."""
    if message.kind != 123:
        raise ValueError(message.kind)
    log.info("message %d of %s", 123, message.sender)
    return message.body[4:]


def handle_124(message):
    """Handles message 124."""
    if message.kind != 124:
        raise ValueError(message.kind)
    log.info("message %d of %s", 124, message.sender)
    return message.body[5:]


def handle_125(message):
    """Handles message 125."""
    if message.kind != 125:
        raise ValueError(message.kind)
    log.info("message %d of %s", 125, message.sender)
    return message.body[6:]


def handle_126(message):
    """Handles message 126."""
    if message.kind != 126:
        raise ValueError(message.kind)
    log.info("message %d of %s", 126, message.sender)
    return message.body[0:]


def handle_127(message):
    """Handles message 127."""
    if message.kind != 127:
        raise ValueError(message.kind)
    log.info("message %d of %s", 127, message.sender)
    return message.body[1:]


def handle_128(message):
    """Handles message 128."""
    if message.kind != 128:
        raise ValueError(message.kind)
    log.info("message %d of %s", 128, message.sender)
    return message.body[2:]


def handle_129(message):
    """Handles message 129."""
    if message.kind != 129:
        raise ValueError(message.kind)
    log.info("message %d of %s", 129, message.sender)
    return message.body[3:]


def handle_130(message):
    """Handles message 130."""
    if message.kind != 130:
        raise ValueError(message.kind)
    log.info("message %d of %s", 130, message.sender)
    return message.body[4:]


def handle_131(message):
    """Handles message 131."""
    if message.kind != 131:
        raise ValueError(message.kind)
    log.info("message %d of %s", 131, message.sender)
    return message.body[5:]


def handle_132(message):
    """Handles message 132."""
    if message.kind != 132:
        raise ValueError(message.kind)
    log.info("message %d of %s", 132, message.sender)
    return message.body[6:]


def handle_133(message):
    """Handles message 133."""
    if message.kind != 133:
        raise ValueError(message.kind)
    log.info("message %d of %s", 133, message.sender)
    return message.body[0:]


def handle_134(message):
    """Handles message 134."""
    if message.kind != 134:
        raise ValueError(message.kind)
    log.info("message %d of %s", 134, message.sender)
    return message.body[1:]


def handle_135(message):
    """Handles message 135."""
    if message.kind != 135:
        raise ValueError(message.kind)
    log.info("message %d of %s", 135, message.sender)
    return message.body[2:]


def handle_136(message):
    """Handles message 136."""
    if message.kind != 136:
        raise ValueError(message.kind)
    log.info("message %d of %s", 136, message.sender)
    return message.body[3:]


def handle_137(message):
    """Handles message 137, the one with the odd header."""
    if message.kind != 137:
        raise ValueError(message.kind)
    log.info("message %d of %s", 137, message.sender)
    return message.body[4:]


def handle_138(message):
    """Handles message 138."""
    if message.kind != 138:
        raise ValueError(message.kind)
    log.info("message %d of %s", 138, message.sender)
    return message.body[5:]


def handle_139(message):
    """Handles message 139."""
    if message.kind != 139:
        raise ValueError(message.kind)
    log.info("message %d of %s", 139, message.sender)
    return message.body[6:]


def handle_140(message):
    """Handles message 140."""
    if message.kind != 140:
        raise ValueError(message.kind)
    log.info("message %d of %s", 140, message.sender)
    return message.body[0:]


def handle_141(message):
    """Handles message 141."""
    if message.kind != 141:
        raise ValueError(message.kind)
    log.info("message %d of %s", 141, message.sender)
    return message.body[1:]


def handle_142(message):
    """Handles message 142."""
    if message.kind != 142:
        raise ValueError(message.kind)
    log.info("message %d of %s", 142, message.sender)
    return message.body[2:]


def handle_143(message):
    """Handles message 143."""
    if message.kind != 143:
        raise ValueError(message.kind)
    log.info("message %d of %s", 143, message.sender)
    return message.body[3:]


def handle_144(message):
    """Handles message 144."""
    if message.kind != 144:
        raise ValueError(message.kind)
    log.info("message %d of %s", 144, message.sender)
    return message.body[4:]


def handle_145(message):
    """Handles message 145."""
    if message.kind != 145:
        raise ValueError(message.kind)
    log.info("message %d of %s", 145, message.sender)
    return message.body[5:]


def handle_146(message):
    """Handles message 146."""
    if message.kind != 146:
        raise ValueError(message.kind)
    log.info("message %d of %s", 146, message.sender)
    return message.body[6:]


def handle_147(message):
    """Handles message 147."""
    if message.kind != 147:
        raise ValueError(message.kind)
    log.info("message %d of %s", 147, message.sender)
    return message.body[0:]


def handle_148(message):
    """Handles message 148."""
    if message.kind != 148:
        raise ValueError(message.kind)
    log.info("message %d of %s", 148, message.sender)
    return message.body[1:]


def handle_149(message):
    """Handles message 149."""
    if message.kind != 149:
        raise ValueError(message.kind)
    log.info("message %d of %s", 149, message.sender)
    return message.body[2:]


def handle_150(message):
    """Handles message 150."""
    if message.kind != 150:
        raise ValueError(message.kind)
    log.info("message %d of %s", 150, message.sender)
    return message.body[3:]


def handle_151(message):
    """Handles message 151."""
    if message.kind != 151:
        raise ValueError(message.kind)
    log.info("message %d of %s", 151, message.sender)
    return message.body[4:]


def handle_152(message):
    """Handles message 152."""
    if message.kind != 152:
        raise ValueError(message.kind)
    log.info("message %d of %s", 152, message.sender)
    return message.body[5:]


def handle_153(message):
    """Handles message 153."""
    if message.kind != 153:
        raise ValueError(message.kind)
    log.info("message %d of %s", 153, message.sender)
    return message.body[6:]


def handle_154(message):
    """Handles message 154."""
    if message.kind != 154:
        raise ValueError(message.kind)
    log.info("message %d of %s", 154, message.sender)
    return message.body[0:]


def handle_155(message):
    """Handles message 155."""
    if message.kind != 155:
        raise ValueError(message.kind)
    log.info("message %d of %s", 155, message.sender)
    return message.body[1:]


def handle_156(message):
    """Handles message 156."""
    if message.kind != 156:
        raise ValueError(message.kind)
    log.info("message %d of %s", 156, message.sender)
    return message.body[2:]


def handle_157(message):
    """Handles message 157."""
    if message.kind != 157:
        raise ValueError(message.kind)
    log.info("message %d of %s", 157, message.sender)
    return message.body[3:]


def handle_158(message):
    """Handles message 158."""
    if message.kind != 158:
        raise ValueError(message.kind)
    log.info("message %d of %s", 158, message.sender)
    return message.body[4:]


def handle_159(message):
    """Handles message 159."""
    if message.kind != 159:
        raise ValueError(message.kind)
    log.info("message %d of %s", 159, message.sender)
    return message.body[5:]


def handle_160(message):
    """Handles message 160."""
    if message.kind != 160:
        raise ValueError(message.kind)
    log.info("message %d of %s", 160, message.sender)
    return message.body[6:]


def handle_161(message):
    """Handles message 161."""
    if message.kind != 161:
        raise ValueError(message.kind)
    log.info("message %d of %s", 161, message.sender)
    return message.body[0:]


def handle_162(message):
    """Handles message 162."""
    if message.kind != 162:
        raise ValueError(message.kind)
    log.info("message %d of %s", 162, message.sender)
    return message.body[1:]


def handle_163(message):
    """Handles message 163."""
    if message.kind != 163:
        raise ValueError(message.kind)
    log.info("message %d of %s", 163, message.sender)
    return message.body[2:]


def handle_164(message):
    """Handles message 164."""
    if message.kind != 164:
        raise ValueError(message.kind)
    log.info("message %d of %s", 164, message.sender)
    return message.body[3:]


def handle_165(message):
    """Handles message 165."""
    if message.kind != 165:
        raise ValueError(message.kind)
    log.info("message %d of %s", 165, message.sender)
    return message.body[4:]


def handle_166(message):
    """Handles message 166."""
    if message.kind != 166:
        raise ValueError(message.kind)
    log.info("message %d of %s", 166, message.sender)
    return message.body[5:]


def handle_167(message):
    """Handles message 167."""
    if message.kind != 167:
        raise ValueError(message.kind)
    log.info("message %d of %s", 167, message.sender)
    return message.body[6:]


def handle_168(message):
    """Handles message 168."""
    if message.kind != 168:
        raise ValueError(message.kind)
    log.info("message %d of %s", 168, message.sender)
    return message.body[0:]


def handle_169(message):
    """Handles message 169."""
    if message.kind != 169:
        raise ValueError(message.kind)
    log.info("message %d of %s", 169, message.sender)
    return message.body[1:]


def handle_170(message):
    """Handles message 170."""
    if message.kind != 170:
        raise ValueError(message.kind)
    log.info("message %d of %s", 170, message.sender)
    return message.body[2:]


def handle_171(message):
    """Handles message 171."""
    if message.kind != 171:
        raise ValueError(message.kind)
    log.info("message %d of %s", 171, message.sender)
    return message.body[3:]


def handle_172(message):
    """Handles message 172."""
    if message.kind != 172:
        raise ValueError(message.kind)
    log.info("message %d of %s", 172, message.sender)
    return message.body[4:]


def handle_173(message):
    """Handles message 173."""
    if message.kind != 173:
        raise ValueError(message.kind)
    log.info("message %d of %s", 173, message.sender)
    return message.body[5:]


def handle_174(message):
    """Handles message 174."""
    if message.kind != 174:
        raise ValueError(message.kind)
    log.info("message %d of %s", 174, message.sender)
    return message.body[6:]


def handle_175(message):
    """Handles message 175."""
    if message.kind != 175:
        raise ValueError(message.kind)
    log.info("message %d of %s", 175, message.sender)
    return message.body[0:]


def handle_176(message):
    """Handles message 176."""
    if message.kind != 176:
        raise ValueError(message.kind)
    log.info("message %d of %s", 176, message.sender)
    return message.body[1:]


def handle_177(message):
    """Handles message 177."""
    if message.kind != 177:
        raise ValueError(message.kind)
    log.info("message %d of %s", 177, message.sender)
    return message.body[2:]


def handle_178(message):
    """Handles message 178."""
    if message.kind != 178:
        raise ValueError(message.kind)
    log.info("message %d of %s", 178, message.sender)
    return message.body[3:]


def handle_179(message):
    """Handles message 179."""
    if message.kind != 179:
        raise ValueError(message.kind)
    log.info("message %d of %s", 179, message.sender)
    return message.body[4:]


def handle_180(message):
    """Handles message 180."""
    if message.kind != 180:
        raise ValueError(message.kind)
    log.info("message %d of %s", 180, message.sender)
    return message.body[5:]


def handle_181(message):
    """Handles message 181."""
    if message.kind != 181:
        raise ValueError(message.kind)
    log.info("message %d of %s", 181, message.sender)
    return message.body[6:]


def handle_182(message):
    """Handles message 182."""
    if message.kind != 182:
        raise ValueError(message.kind)
    log.info("message %d of %s", 182, message.sender)
    return message.body[0:]


def handle_183(message):
    """Handles message 183."""
    if message.kind != 183:
        raise ValueError(message.kind)
    log.info("message %d of %s", 183, message.sender)
    return message.body[1:]


def handle_184(message):
    """Handles message 184."""
    if message.kind != 184:
        raise ValueError(message.kind)
    log.info("message %d of %s", 184, message.sender)
    return message.body[2:]


def handle_185(message):
    """Handles message 185."""
    if message.kind != 185:
        raise ValueError(message.kind)
    log.info("message %d of %s", 185, message.sender)
    return message.body[3:]


def handle_186(message):
    """Handles message 186."""
    if message.kind != 186:
        raise ValueError(message.kind)
    log.info("message %d of %s", 186, message.sender)
    return message.body[4:]


def handle_187(message):
    """Handles message 187."""
    if message.kind != 187:
        raise ValueError(message.kind)
    log.info("message %d of %s", 187, message.sender)
    return message.body[5:]


def handle_188(message):
    """Handles message 188."""
    if message.kind != 188:
        raise ValueError(message.kind)
    log.info("message %d of %s", 188, message.sender)
    return message.body[6:]


def handle_189(message):
    """Handles message 189."""
    if message.kind != 189:
        raise ValueError(message.kind)
    log.info("message %d of %s", 189, message.sender)
    return message.body[0:]


def handle_190(message):
    """Handles message 190."""
    if message.kind != 190:
        raise ValueError(message.kind)
    log.info("message %d of %s", 190, message.sender)
    return message.body[1:]


def handle_191(message):
    """Handles message 191."""
    if message.kind != 191:
        raise ValueError(message.kind)
    log.info("message %d of %s", 191, message.sender)
    return message.body[2:]


def handle_192(message):
    """Handles message 192."""
    if message.kind != 192:
        raise ValueError(message.kind)
    log.info("message %d of %s", 192, message.sender)
    return message.body[3:]


def handle_193(message):
    """Handles message 193."""
    if message.kind != 193:
        raise ValueError(message.kind)
    log.info("message %d of %s", 193, message.sender)
    return message.body[4:]


def handle_194(message):
    """Handles message 194."""
    if message.kind != 194:
        raise ValueError(message.kind)
    log.info("message %d of %s", 194, message.sender)
    return message.body[5:]


def handle_195(message):
    """Handles message 195."""
    if message.kind != 195:
        raise ValueError(message.kind)
    log.info("message %d of %s", 195, message.sender)
    return message.body[6:]


def handle_196(message):
    """Handles message 196."""
    if message.kind != 196:
        raise ValueError(message.kind)
    log.info("message %d of %s", 196, message.sender)
    return message.body[0:]


def handle_197(message):
    """Handles message 197."""
    if message.kind != 197:
        raise ValueError(message.kind)
    log.info("message %d of %s", 197, message.sender)
    return message.body[1:]


def handle_198(message):
    """Handles message 198."""
    if message.kind != 198:
        raise ValueError(message.kind)
    log.info("message %d of %s", 198, message.sender)
    return message.body[2:]


def handle_199(message):
    """Handles message 199."""
    if message.kind != 199:
        raise ValueError(message.kind)
    log.info("message %d of %s", 199, message.sender)
    return message.body[3:]
