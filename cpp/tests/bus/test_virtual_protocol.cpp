// The virtual servo's side of Protocol 2.0, against the manual's packets and rules.
#include <array>

#include "virtual_support.hpp"

namespace handloop::testing::virtual_protocol {
namespace {

using dxl::Error;

void place(Host& host, std::size_t servo, std::int64_t position) {
  const auto counts = static_cast<double>(position - 2048) + 0.5;
  dynamic_cast<vs::FreeInertias&>(host.bus.mechanics()).place(servo, counts * 6.283185307 / 4096);
  host.wait(3 * kMs);
}

TEST_CASE("ping is answered as in the manual") {
  auto config = x430_bus({1});
  for (auto& r : config.servos[0].model.registers) {
    if (r.role == Role::kModelNumber) r.initial = 1030;
    if (r.role == Role::kFirmware) r.initial = 38;
  }
  Host host(config);
  CHECK(host.raw(dxl::ping(host.w, 1)) == hex("FFFFFD00 01 0700 55 00 060426 655D"));
  CHECK(host.raw(dxl::ping(host.w, 2)).empty());
}

TEST_CASE("reads, alone and together, are answered as in the manual") {
  Host host(x430_bus({1, 2}));
  place(host, 0, 0xA6);
  place(host, 1, 0x81F);
  CHECK(host.raw(dxl::read(host.w, 1, 132, 4)) == hex("FFFFFD00 01 0800 55 00 A6000000 8CC0"));
  CHECK(host.raw(dxl::sync_read(host.w, 132, 4, hex("0102"))) ==
        hex("FFFFFD00 01 0800 55 00 A6000000 8CC0 FFFFFD00 02 0800 55 00 1F080000 BABE"));
  CHECK(host.raw(dxl::write(host.w, 1, 116, hex("00020000"))) ==
        hex("FFFFFD00 01 0400 55 00 A10C"));
}

TEST_CASE("a fast sync read makes the packet of the manual, byte for byte") {
  Host host(x430_bus({3, 4, 7}));
  place(host, 0, 0xA6);
  place(host, 1, 0x3FF);
  place(host, 2, 0x81F);
  CHECK(host.raw(dxl::sync_read(host.w, 132, 4, hex("030704"), true)) ==
        hex("FFFFFD00 FE 1900 55 00 03 A6000000 8408 00 07 1F080000 16CA 00 04 FF030000 D19E"));
  const dxl::BulkItem items[] = {{3, 132, 4, {}}, {7, 132, 4, {}}, {4, 132, 4, {}}};
  CHECK(host.raw(dxl::bulk_read(host.w, items, true)) ==
        host.raw(dxl::sync_read(host.w, 132, 4, hex("030704"), true)));
}

TEST_CASE("old firmware does not know the fast reads") {
  auto config = bus_of(vs::x330_model(45), {1}, 5.0);
  Host host(config);
  CHECK(host.raw(dxl::sync_read(host.w, 132, 4, hex("01"), true)).empty());
  CHECK(host.all(dxl::sync_read(host.w, 132, 4, hex("01"))).size() == 1);
}

TEST_CASE("a broadcast ping finds all, in the order of their ids") {
  Host host(x430_bus({9, 2, 250}));
  const auto found = host.all(dxl::ping(host.w, dxl::kBroadcast), 400 * kMs);
  REQUIRE(found.size() == 3);
  CHECK(found[0].id == 2);
  CHECK(found[1].id == 9);
  CHECK(found[2].id == 250);
  CHECK(found[2].data == hex("FC032E"));
}

TEST_CASE("a servo that is silent silences those behind it") {
  Host host(x430_bus({1, 2, 3}));
  host.bus.servo(1).kill();
  const auto heard = host.all(dxl::sync_read(host.w, 132, 4, hex("010203")));
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].id == 1);
  const dxl::BulkItem items[] = {{3, 132, 4, {}}, {1, 126, 2, {}}, {2, 132, 4, {}}};
  CHECK(host.all(dxl::bulk_read(host.w, items)).size() == 2);
  // A fast answer is cut there.
  const Octets fast = host.raw(dxl::sync_read(host.w, 132, 4, hex("010203"), true));
  CHECK(fast.size() == dxl::kFastHeaderSize + dxl::fast_part_size(4));
}

TEST_CASE("every error has its number") {
  Host host(x430_bus({1}));
  CHECK(host.write(1, 132, number(0, 4)) == Error::kAccess);              // read-only
  CHECK(host.write(1, 66, number(0, 1)) == Error::kAccess);               // nothing there
  CHECK(host.one(dxl::read(host.w, 1, 900, 4)).error == Error::kAccess);  // likewise
  CHECK(host.write(1, 116, number(0, 2)) == Error::kDataLength);
  CHECK(host.write(1, Role::kBaud, 8) == Error::kDataRange);
  CHECK(host.write(1, Role::kOperatingMode, 2) == Error::kDataRange);
  CHECK(host.write(1, Role::kGoalPosition, 4096) == Error::kDataLimit);
  CHECK(host.write(1, Role::kGoalCurrent, 1194) == Error::kDataLimit);
  CHECK(host.one(dxl::action(host.w, 1)).error == Error::kInstruction);  // nothing registered
  CHECK(host.one(host.w.begin(1, dxl::Instruction{0x77}).end()).error == Error::kInstruction);
  Octets damaged = octets(dxl::ping(host.w, 1));
  damaged.at(damaged.size() - 1) ^= 1;
  CHECK(host.one(damaged).error == Error::kCrc);
  CHECK(host.write(1, Role::kGoalPosition, 4095) == Error::kNone);
}

TEST_CASE("torque locks the EEPROM") {
  Host host(x430_bus({1}));
  CHECK(host.write(1, Role::kCurrentLimit, 500) == Error::kNone);
  CHECK(host.write(1, Role::kTorqueEnable, 1) == Error::kNone);
  CHECK(host.write(1, Role::kCurrentLimit, 400) == Error::kAccess);
  CHECK(host.get(0, Role::kCurrentLimit) == 500);
  CHECK(host.write(1, Role::kTorqueEnable, 0) == Error::kNone);
  CHECK(host.write(1, Role::kCurrentLimit, 400) == Error::kNone);
  // A goal comes down with its limit.
  CHECK(host.get(0, Role::kGoalCurrent) == 400);
}

TEST_CASE("a write over several registers is done as a whole or not at all") {
  Host host(x430_bus({1}));
  Octets pwm_to_velocity = number(100, 2);  // goal PWM, current, velocity: 100 .. 107
  for (const auto& part : {number(200, 2), number(50, 4)}) {
    pwm_to_velocity.insert(pwm_to_velocity.end(), part.begin(), part.end());
  }
  CHECK(host.write(1, 100, pwm_to_velocity) == Error::kNone);
  CHECK(host.get(0, Role::kGoalCurrent) == 200);
  CHECK(host.get(0, Role::kGoalVelocity) == 50);
  pwm_to_velocity[0] = 7;     // fine
  pwm_to_velocity[3] = 0x7F;  // goal current beyond its limit
  CHECK(host.write(1, 100, pwm_to_velocity) == Error::kDataLimit);
  CHECK(host.get(0, Role::kGoalPwm) == 100);
}

TEST_CASE("a registered write waits for the action") {
  Host host(x430_bus({1}));
  CHECK(host.one(dxl::reg_write(host.w, 1, 104, number(200, 4))).error == Error::kNone);
  CHECK(host.get(0, Role::kGoalVelocity) == 0);
  CHECK(host.get(0, Role::kRegistered) == 1);
  CHECK(host.one(dxl::action(host.w, 1)).error == Error::kNone);
  CHECK(host.get(0, Role::kGoalVelocity) == 200);
  CHECK(host.get(0, Role::kRegistered) == 0);
}

TEST_CASE("the status return level says what is answered") {
  Host host(x430_bus({1}));
  const auto answers = [&] {
    return std::array{host.one(dxl::ping(host.w, 1)).id, host.one(dxl::read(host.w, 1, 132, 4)).id,
                      host.one(dxl::write(host.w, 1, 65, number(1, 1))).id};
  };
  CHECK(answers() == std::array{1, 1, 1});
  host.write(1, Role::kStatusReturnLevel, 1);
  CHECK(answers() == std::array{1, 1, -1});
  host.write(1, Role::kStatusReturnLevel, 0);
  CHECK(answers() == std::array{1, -1, -1});
}

TEST_CASE("broadcast writes reach all and nobody answers") {
  Host host(x430_bus({1, 2}));
  CHECK(host.raw(dxl::write(host.w, dxl::kBroadcast, 65, number(1, 1))).empty());
  CHECK(host.raw(dxl::sync_write(host.w, 104, 4, hex("0102"), hex("0A000000 F6FFFFFF"))).empty());
  CHECK(host.get(0, Role::kGoalVelocity) == 10);
  CHECK(host.get(1, Role::kGoalVelocity) == -10);
  const Octets a = number(20, 4), b = number(3, 2);
  const dxl::BulkItem items[] = {{1, 104, 4, a}, {2, 84, 2, b}};
  CHECK(host.raw(dxl::bulk_write(host.w, items)).empty());
  CHECK(host.get(0, Role::kGoalVelocity) == 20);
  CHECK(host.get(1, Role::kPositionP) == 3);
}

TEST_CASE("servos that share a secondary id obey it and do not answer") {
  Host host(x430_bus({1, 2}));
  host.write(1, Role::kSecondaryId, 5);
  host.write(2, Role::kSecondaryId, 5);
  CHECK(host.raw(dxl::write(host.w, 5, 104, number(30, 4))).empty());
  CHECK(host.raw(dxl::ping(host.w, 5)).empty());
  CHECK(host.get(0, Role::kGoalVelocity) == 30);
  CHECK(host.get(1, Role::kGoalVelocity) == 30);
  host.raw(dxl::sync_write(host.w, 104, 4, hex("05"), number(40, 4)));
  CHECK(host.get(1, Role::kGoalVelocity) == 40);
}

TEST_CASE("indirect registers read and write what their addresses name") {
  for (const bool old : {false, true}) {
    Host host(old ? bus_of(vs::x330_model(52), {1}, 5.0) : x330_bus({1}));
    const std::size_t data = old ? 208 : 224;
    // Goal position, then goal current, then what the current is.
    Octets names;
    for (const int address : {116, 117, 118, 119, 102, 103, 126, 127}) {
      const Octets name = number(address, 2);
      names.insert(names.end(), name.begin(), name.end());
    }
    REQUIRE(host.write(1, 168, names) == Error::kNone);
    CHECK(host.write(1, data, hex("00080000 2C01")) == Error::kNone);
    CHECK(host.get(0, Role::kGoalPosition) == 2048);
    CHECK(host.get(0, Role::kGoalCurrent) == 300);
    const Status read = host.one(dxl::read(host.w, 1, static_cast<std::uint16_t>(data), 8));
    CHECK(read.data == hex("00080000 2C01 0000"));
    CHECK(host.write(1, data + 6, hex("0100")) == Error::kAccess);     // read-only all the same
    CHECK(host.write(1, data, hex("00100000")) == Error::kDataLimit);  // limits hold, too
    CHECK(host.write(1, 168, number(20, 2)) == Error::kDataRange);     // EEPROM is not for it
    CHECK(host.write(1, data + 19, number(9, 1)) == Error::kNone);     // the old ones' last slot
    CHECK(host.write(1, data + 27, number(9, 1)) == (old ? Error::kAccess : Error::kNone));
  }
}

TEST_CASE("a reboot takes a servo off the bus and empties its RAM") {
  Host host(x430_bus({1}));
  host.write(1, Role::kReturnDelay, 0);
  host.write(1, Role::kPositionP, 55);
  CHECK(host.one(dxl::reboot(host.w, 1)).id == 1);
  const std::int64_t gone = host.bus.now();
  while (host.one(dxl::ping(host.w, 1)).id < 0) REQUIRE(host.bus.now() - gone < 400 * kMs);
  CHECK(host.bus.now() - gone > 335 * kMs);
  CHECK(host.bus.now() - gone < 346 * kMs);
  CHECK(host.get(0, Role::kPositionP) == 800);
  CHECK(host.get(0, Role::kReturnDelay) == 0);
}

TEST_CASE("a factory reset keeps what it is told to keep") {
  using dxl::FactoryReset;
  for (const auto kind :
       {FactoryReset::kAll, FactoryReset::kAllButId, FactoryReset::kAllButIdAndBaud}) {
    Host host(x430_bus({5}));
    host.write(5, Role::kCurrentLimit, 77);
    CHECK(host.one(dxl::factory_reset(host.w, 5, kind)).id == 5);
    host.wait(400 * kMs);
    CHECK(host.get(0, Role::kCurrentLimit) == 1193);
    CHECK(host.get(0, Role::kId) == (kind == FactoryReset::kAll ? 1 : 5));
    CHECK(host.get(0, Role::kBaud) == (kind == FactoryReset::kAllButIdAndBaud ? 3 : 1));
    CHECK(host.bus.servo(0).baud() == (kind == FactoryReset::kAllButIdAndBaud ? kBaud : 57600));
  }
  Host host(x430_bus({5}));
  host.raw(dxl::factory_reset(host.w, dxl::kBroadcast, FactoryReset::kAll));
  CHECK(host.get(0, Role::kId) == 5);
}

// Protocol 2.0, "Control Table Backup".
Bytes back_up(dxl::PacketWriter& w, std::uint8_t what) {
  constexpr std::array<std::uint8_t, 4> kKey{'C', 'T', 'R', 'L'};
  return w.begin(1, dxl::Instruction::kBackup).put(what).put(kKey).end();
}

TEST_CASE("a backup request is the manual's") {
  dxl::PacketWriter w;
  CHECK(octets(back_up(w, 1)) == hex("FFFFFD00 01 0800 20 01 4354524C 16F5"));
  // Its second example ends in 92F5, which no CRC of those bytes gives.
  CHECK(octets(back_up(w, 2)) == hex("FFFFFD00 01 0800 20 02 4354524C 9EF5"));
}

TEST_CASE("a backup brings back the EEPROM, and gains only if asked to") {
  for (const std::int64_t startup : {0, 2}) {
    Host host(x430_bus({1}));
    CHECK(host.get(0, Role::kBackupReady) == 0);
    CHECK(host.one(back_up(host.w, 2)).error == Error::kResultFail);
    host.write(1, Role::kStartupConfiguration, startup);
    host.write(1, Role::kMaxPosition, 3000);
    host.write(1, Role::kPositionP, 500);
    host.write(1, Role::kProfileVelocity, 77);
    host.write(1, 168, hex("8400"));
    CHECK(host.one(back_up(host.w, 1)).error == Error::kNone);
    CHECK(host.get(0, Role::kBackupReady) == 1);
    host.write(1, Role::kMaxPosition, 2000);
    host.write(1, Role::kPositionP, 600);
    CHECK(host.one(back_up(host.w, 2)).error == Error::kNone);
    CHECK(host.one(dxl::ping(host.w, 1)).id == -1);  // it reboots
    host.wait(400 * kMs);
    CHECK(host.get(0, Role::kMaxPosition) == 3000);
    CHECK(host.get(0, Role::kPositionP) == (startup == 2 ? 500 : 800));
    CHECK(host.get(0, Role::kProfileVelocity) == (startup == 2 ? 77 : 0));
    const Octets pointer = host.one(dxl::read(host.w, 1, 168, 2)).data;
    CHECK(pointer == (startup == 2 ? hex("8400") : hex("E000")));
    CHECK(host.get(0, Role::kBackupReady) == 1);
  }
}

TEST_CASE("a backup is refused with torque on, with a wrong key, and by old firmware") {
  Host host(x430_bus({1}));
  CHECK(host.one(back_up(host.w, 3)).error == Error::kDataRange);
  Octets short_key = octets(host.w.begin(1, dxl::Instruction::kBackup).put(1).end());
  CHECK(host.one(short_key).error == Error::kDataLength);
  host.write(1, Role::kTorqueEnable, 1);
  CHECK(host.one(back_up(host.w, 1)).error == Error::kResultFail);

  auto config = x430_bus({1});
  std::erase_if(config.servos[0].model.registers,
                [](const vs::RegisterSpec& r) { return r.role == Role::kBackupReady; });
  Host old(config);
  CHECK(old.one(back_up(old.w, 1)).error == Error::kInstruction);
}

TEST_CASE("torque may be on from the start") {
  Host host(x430_bus({1}));
  host.write(1, Role::kStartupConfiguration, 1);
  host.one(dxl::reboot(host.w, 1));
  host.wait(400 * kMs);
  CHECK(host.get(0, Role::kTorqueEnable) == 1);
  host.write(1, Role::kGoalPosition, 2200);
  host.wait(1000 * kMs);
  CHECK(std::abs(host.get(0, Role::kPresentPosition) - 2200) < 15);
}

TEST_CASE("a new id or baud rate counts behind the answer") {
  Host host(x430_bus({1}));
  CHECK(host.one(dxl::write(host.w, 1, 7, number(9, 1))).id == 1);
  CHECK(host.one(dxl::ping(host.w, 9)).id == 9);
  CHECK(host.one(dxl::write(host.w, 9, 8, number(6, 1))).id == 9);
  CHECK(host.one(dxl::ping(host.w, 9)).id == -1);
  host.bus.set_host_baud(4'000'000);
  CHECK(host.one(dxl::ping(host.w, 9)).id == 9);
}

TEST_CASE("clear takes whole turns off, unless the servo moves") {
  Host host(x430_bus({1}));
  host.write(1, Role::kOperatingMode, 4);
  host.write(1, Role::kTorqueEnable, 1);
  REQUIRE(host.write(1, Role::kGoalPosition, 10000) == Error::kNone);
  host.wait(100 * kMs);
  CHECK(host.one(dxl::clear_turns(host.w, 1)).error == Error::kResultFail);
  host.wait(4000 * kMs);
  CHECK(host.get(0, Role::kPresentPosition) == doctest::Approx(10000).epsilon(0.01));
  CHECK(host.one(dxl::clear_turns(host.w, 1)).error == Error::kNone);
  CHECK(host.get(0, Role::kPresentPosition) == doctest::Approx(10000 - 8192).epsilon(0.05));
}

// Whatever is written, by whatever way, no register leaves its range or its limits.
void require_sound(const vs::ControlTable& t) {
  Octets image(vs::ControlTable::kSize);
  t.peek(0, image);  // past the indirect addresses
  for (const auto& r : t.registers()) {
    const std::int64_t value = vs::decode(r, image.data());
    const bool sound = value >= r.min && value <= r.max && r.allows(value);
    if (r.writable && r.role != Role::kBusWatchdog && !sound)
      FAIL("register ", r.address, ": ", value);
  }
  REQUIRE(std::abs(t.get(Role::kGoalPwm)) <= t.get(Role::kPwmLimit));
  REQUIRE(std::abs(t.get(Role::kGoalCurrent)) <= t.get(Role::kCurrentLimit));
  REQUIRE(std::abs(t.get(Role::kGoalVelocity)) <= t.get(Role::kVelocityLimit));
  REQUIRE(t.get(Role::kMinPosition) <= t.get(Role::kMaxPosition));
  if (t.get(Role::kOperatingMode) == 3) {
    REQUIRE(t.get(Role::kGoalPosition) >= t.get(Role::kMinPosition));
    REQUIRE(t.get(Role::kGoalPosition) <= t.get(Role::kMaxPosition));
  }
}

TEST_CASE("no write, however wild, breaks a limit") {
  Host host(x330_bus({1}));
  Random random(17);
  int taken = 0;
  for (int n = 0; n < 3000; ++n) {
    const auto& table = host.bus.servo(0).table();
    const auto& r = table.registers()[below(random, table.registers().size())];
    if (r.role == Role::kId || r.role == Role::kBaud) continue;
    std::size_t size = r.size;
    if (random.uniform() < 0.2) size = 1 + below(random, 12);
    Octets data = random_octets(random, size);
    if (random.uniform() < 0.6) data = number(static_cast<int>(below(random, 5000)) - 1000, size);
    taken += host.write(host.bus.servo(0).id(), r.address, data) == Error::kNone ? 1 : 0;
    if (host.get(0, Role::kStatusReturnLevel) == 2 && !host.bus.servo(0).on()) host.wait(400 * kMs);
    require_sound(host.bus.servo(0).table());
  }
  CHECK(taken > 300);
}

TEST_CASE("no request, however wild, does harm") {
  constexpr std::uint8_t kInstructions[] = {0x02, 0x03, 0x04, 0x05, 0x06, 0x10, 0x20,
                                            0x82, 0x83, 0x8A, 0x92, 0x93, 0x9A, 0x77};
  Host host(x330_bus({1, 2, 3}));
  Random random(23);
  int answers = 0;
  for (int n = 0; n < 3000; ++n) {
    const auto instruction =
        dxl::Instruction{kInstructions[below(random, std::size(kInstructions))]};
    const std::uint8_t id = random.uniform() < 0.5 ? dxl::kBroadcast : std::uint8_t{1};
    host.w.begin(id, instruction);
    const std::size_t size = below(random, 40);
    for (std::size_t i = 0; i < size; ++i) {
      const bool small = random.uniform() < 0.7;
      host.w.put(static_cast<std::uint8_t>(below(random, small ? 6 : 256)));
    }
    answers += static_cast<int>(host.all(host.w.end(), 2 * kMs).size());
    for (std::size_t i = 0; i < 3; ++i) require_sound(host.bus.servo(i).table());
  }
  CHECK(answers > 100);
}

}  // namespace
}  // namespace handloop::testing::virtual_protocol
