// The virtual servo's side of Feetech's protocol.
#include "virtual_support.hpp"

namespace handloop::testing::virtual_feetech {
namespace {

// Feetech's requests, with numbers where the library takes blocks of registers.
namespace ft {
using namespace bus::feetech;

Bytes read(PacketWriter& w, std::uint8_t id, std::uint16_t address, std::uint16_t size) {
  return bus::feetech::read(w, {id, address, size, {}});
}
Bytes write(PacketWriter& w, std::uint8_t id, std::uint16_t address, Bytes data) {
  return bus::feetech::write(w, {id, address, static_cast<std::uint16_t>(data.size()), data});
}
Bytes reg_write(PacketWriter& w, std::uint8_t id, std::uint16_t address, Bytes data) {
  return bus::feetech::reg_write(w, {id, address, static_cast<std::uint16_t>(data.size()), data});
}
Bytes sync_read(PacketWriter& w, std::uint16_t address, std::uint16_t size, Bytes ids) {
  return bus::feetech::sync_read(w, blocks(address, size, ids));
}
Bytes sync_write(PacketWriter& w, std::uint16_t address, std::uint16_t size, Bytes ids,
                 Bytes data) {
  return bus::feetech::sync_write(w, blocks(address, size, ids, data));
}
}  // namespace ft

class FeetechHost : public Host {
 public:
  explicit FeetechHost(const Octets& ids) : Host(bus_of(vs::sts3215_model(), ids, 7.4)) {}

  Octets send(Bytes request) { return raw(request, 3 * kMs); }
  void set(std::uint8_t id, Role role, std::int64_t value) {
    const vs::RegisterSpec& r = spec(role);
    Octets image(r.address + r.size);
    vs::encode(r, value, image.data());
    send(ft::write(f, id, static_cast<std::uint8_t>(r.address), Bytes(image).subspan(r.address)));
  }

  ft::PacketWriter f;
};

TEST_CASE("pings and reads are answered as in the manual") {
  FeetechHost host({1});
  CHECK(host.send(ft::ping(host.f, 1)) == hex("FF FF 01 02 00 FC"));
  CHECK(host.send(ft::ping(host.f, 2)).empty());
  CHECK(host.send(ft::read(host.f, 1, 3, 2)) == hex("FF FF 01 04 00 0903 EE"));
  CHECK(host.send(ft::read(host.f, 1, 56, 2)) == hex("FF FF 01 04 00 0008 F2"));
  Octets damaged = octets(ft::ping(host.f, 1));
  damaged.at(damaged.size() - 1) ^= 1;
  CHECK(host.send(damaged).empty());
}

TEST_CASE("a sync read is answered in order, up to the first that is silent") {
  FeetechHost host({1, 2, 3});
  const Octets all = host.send(ft::sync_read(host.f, 56, 2, hex("030102")));
  CHECK(all == hex("FFFF0304000008F0 FFFF0104000008F2 FFFF0204000008F1"));
  host.bus.servo(0).kill();
  CHECK(host.send(ft::sync_read(host.f, 56, 2, hex("030102"))).size() == 8);
}

TEST_CASE("position mode goes to its goal, at the speed it was given") {
  FeetechHost host({1});
  host.set(1, Role::kTorqueEnable, 1);
  host.set(1, Role::kGoalVelocity, 500);  // steps/s
  host.set(1, Role::kGoalPosition, 3072);
  host.wait(1000 * kMs);
  CHECK(host.get(0, Role::kPresentVelocity) == doctest::Approx(500).epsilon(0.15));
  CHECK(host.get(0, Role::kMoving) == 1);
  host.wait(2000 * kMs);
  CHECK(std::abs(host.get(0, Role::kPresentPosition) - 3072) < 15);
  CHECK(host.get(0, Role::kMoving) == 0);
}

TEST_CASE("signs are one bit, not two's complement") {
  FeetechHost host({1});
  host.set(1, Role::kOperatingMode, 1);
  host.set(1, Role::kTorqueEnable, 1);
  host.set(1, Role::kGoalVelocity, -1000);
  host.wait(500 * kMs);
  CHECK(host.bus.shaft(0).velocity < -1.3);
  const Octets speed = host.send(ft::read(host.f, 1, 58, 2));
  REQUIRE(speed.size() == 8);
  CHECK((speed[6] & 0x80) == 0x80);
  CHECK((speed[6] & 0x7F) < 0x08);
}

TEST_CASE("nothing is refused: a value out of range ends at its border") {
  FeetechHost host({1});
  CHECK(host.send(ft::write(host.f, 1, 0, hex("77"))) == hex("FF FF 01 02 00 FC"));
  CHECK(host.get(0, Role::kFirmware) == 3);
  host.send(ft::write(host.f, 1, 48, hex("FFFF")));
  CHECK(host.get(0, Role::kTorqueLimit) == 1000);
}

TEST_CASE("what is written under the lock is gone with the power") {
  for (const int lock : {0, 1}) {
    FeetechHost host({1});
    host.set(1, Role::kEepromLock, lock);
    host.set(1, Role::kPositionP, 16);
    CHECK(host.get(0, Role::kPositionP) == 16);
    CHECK(host.send(ft::reboot(host.f, 1)).empty());
    host.wait(700 * kMs);
    CHECK(host.send(ft::ping(host.f, 1)).empty());
    host.wait(200 * kMs);
    CHECK(host.get(0, Role::kPositionP) == (lock == 0 ? 16 : 32));
    CHECK(host.get(0, Role::kEepromLock) == 1);
  }
}

TEST_CASE("registered and joint writes are done, and not answered where all are meant") {
  FeetechHost host({1, 2});
  CHECK_FALSE(host.send(ft::reg_write(host.f, 1, 41, hex("14"))).empty());
  CHECK(host.get(0, Role::kProfileAcceleration) == 0);
  CHECK(host.send(ft::action(host.f, ft::kBroadcast)).empty());
  CHECK(host.get(0, Role::kProfileAcceleration) == 20);
  CHECK(host.send(ft::sync_write(host.f, 41, 1, hex("0102"), hex("0506"))).empty());
  CHECK(host.get(1, Role::kProfileAcceleration) == 6);
}

TEST_CASE("in step mode a goal counts from the one before") {
  FeetechHost host({1});
  host.set(1, Role::kOperatingMode, 3);
  host.set(1, Role::kTorqueEnable, 1);
  for (const double turned : {300.0, 600.0}) {
    host.set(1, Role::kGoalPosition, 300);
    CHECK(std::abs(host.get(0, Role::kPresentPosition) - 300) < 15);
    host.wait(1500 * kMs);
    CHECK(host.bus.shaft(0).position == doctest::Approx(turned * 6.2831853 / 4096).epsilon(0.05));
    CHECK(std::abs(host.get(0, Role::kPresentPosition)) < 15);
  }
}

TEST_CASE("at power-on the torque limit is the greatest torque") {
  FeetechHost host({1});
  host.set(1, Role::kEepromLock, 0);
  host.set(1, Role::kMaxTorque, 400);
  CHECK(host.get(0, Role::kTorqueLimit) == 1000);
  host.send(ft::reboot(host.f, 1));
  host.wait(900 * kMs);
  CHECK(host.get(0, Role::kTorqueLimit) == 400);
}

TEST_CASE("a word may come with its high byte first") {
  const vs::RegisterSpec word{.address = 4, .size = 2, .big_endian = true};
  const vs::RegisterSpec sign{.address = 4, .size = 2, .sign = 15, .big_endian = true};
  Octets image(8);
  vs::encode(word, 0x0102, image.data());
  CHECK(image == hex("00000000 0102 0000"));
  CHECK(vs::decode(word, image.data()) == 0x0102);
  vs::encode(sign, -3, image.data());
  CHECK(image == hex("00000000 8003 0000"));
  CHECK(vs::decode(sign, image.data()) == -3);
}

TEST_CASE("the middle can be put where the servo stands") {
  FeetechHost host({1});
  dynamic_cast<vs::FreeInertias&>(host.bus.mechanics()).place(0, 0.5);
  host.wait(2 * kMs);
  CHECK(host.get(0, Role::kPresentPosition) == 2048 + 325);
  host.set(1, Role::kTorqueEnable, 128);
  host.wait(2 * kMs);
  CHECK(host.get(0, Role::kPresentPosition) == 2048);
  CHECK(host.get(0, Role::kHomingOffset) == 325);
}

TEST_CASE("alarms are told with every answer, and a stalled servo lets go") {
  FeetechHost host({1});
  host.set(1, Role::kTorqueEnable, 1);
  host.bus.mechanics().jam(0, true);
  host.set(1, Role::kGoalPosition, 4000);
  host.wait(1100 * kMs);
  CHECK(host.get(0, Role::kTorqueEnable) == 0);
  host.bus.supply().set_source(9.0);
  host.wait(5 * kMs);
  CHECK(host.send(ft::ping(host.f, 1)) == hex("FF FF 01 02 01 FB"));
}

}  // namespace
}  // namespace handloop::testing::virtual_feetech
