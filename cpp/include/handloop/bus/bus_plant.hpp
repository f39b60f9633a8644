// The hand on its servos behind `Plant`: one servo per joint, on one line or several.
//
// A sample is as old as the oldest reading in it, and a servo that reports an error counts as not
// read. So one that falls silent or shuts down makes the sample stale, and the controller's safety
// takes the hand to HOLD and LIMP on its own clock.
//
// Torque is on from engage() to release(), let_go() or the first command that is limp.
#pragma once

#include "handloop/bus/bus_health.hpp"
#include "handloop/bus/torque_switch.hpp"
#include "handloop/plant.hpp"
#include "handloop/published.hpp"

namespace handloop::bus {

// What a hand does when a run is over and nothing was wrong.
enum class AtEnd : std::uint8_t { kRelease, kHold };

struct BusPlantConfig {
  double period = 0.002;        // [s], between two ticks
  double ramp = 0.5;            // [s], in which torque grows from nothing after a start
  double blind_after = 0.010;   // [s], without an answer, until a servo is told to let go
  double rewake_after = 0.050;  // [s], without a command, after which watchdogs may have run out
  int health_every = 10;        // ticks, until the next servo is asked for its health; 0: never
  AtEnd at_end = AtEnd::kRelease;
  DeratingConfig derating;
};

// What is known of one servo.
struct DriveReading {
  Outcome outcome = Outcome::kNotAsked;
  std::uint8_t alarms = 0;                               // see Reply
  double age = std::numeric_limits<double>::infinity();  // [s], of its last sound answer
  ServoHealth health;
  double allowance = 1.0;  // part of its torque that it may use
};

struct BusPlantReadings {
  bool engaged = false;
  std::size_t count = 0;
  std::array<DriveReading, kMaxJoints> drive;
};

class BusPlant : public Plant {
 public:
  // Lines must outlive the plant. Throws std::invalid_argument where drives and lines do not fit.
  BusPlant(std::vector<Line*> lines, const std::vector<ServoDrive>& drives,
           const BusPlantConfig& config)
      : bus_(std::move(lines), drives, checked(config).derating),
        torque_(bus_),
        health_(bus_),
        config_(config),
        period_(whole_ns(config.period)),
        power_(torque_.present() ? Power::kOff : Power::kOn) {
    start();
    publish();
  }
  ~BusPlant() override { BusPlant::let_go(); }

  std::size_t joint_count() const { return bus_.size(); }
  const BusPlantConfig& config() const { return config_; }
  const ServoDrive& drive(std::size_t i) const { return bus_.joint(i).drive(); }
  const Reading& reading(std::size_t i) const { return bus_.reading(i); }
  // Of the last cycle; from any thread, at any time.
  BusPlantReadings readings() const { return readings_.copy(); }
  bool engaged() const { return power_ == Power::kOn; }

  double now() const override { return seconds(bus_.clock() - start_); }
  bool real_time() const override { return bus_.real_time(); }
  void check_ready() const override {
    if (engaged()) return;
    throw std::runtime_error("the servos have no torque; call engage() first");
  }

  // A run begins: time is zero, and torque grows from nothing again.
  void start() {
    start_ = next_ = told_ = bus_.clock();
    ramping_ = false;
    sequence_ = 0;
    bus_.forgive();
  }

  // Torque on, which pushes nothing before the first command. Returns who is not well or did not
  // confirm; then the hand stays without torque.
  ServoSet engage() {
    start();
    HandState state;
    read(state);
    ServoSet open;
    for (std::size_t i = 0; i < bus_.size(); ++i) open[i] = bus_.joint(i).sound_at() < start_;
    if (open.none()) open = torque_.engage();
    power_ = open.none() ? Power::kOn : Power::kOff;
    start();
    publish();
    return open;
  }

  // Torque off. Returns who did not confirm.
  ServoSet release() {
    power_ = Power::kOff;
    const ServoSet open = torque_.release();
    publish();
    return open;
  }

  // The posture stays, without anybody, where servos can hold it; the others let go. Returns who
  // did not confirm.
  ServoSet hold() {
    check_ready();
    power_ = Power::kHeld;
    publish();
    return torque_.hold();
  }

  bool stay() override {
    if (config_.at_end != AtEnd::kHold || !engaged() || bus_.gone()) return false;
    if (hold().none()) return true;
    power_ = Power::kOn;  // to let go of what does not hold
    return false;
  }

  void let_go() override {
    if (power_ == Power::kOn || power_ == Power::kLimp) release();
  }

  void read(HandState& state) override {
    bus_.hear();
    const auto count = static_cast<Eigen::Index>(bus_.size());
    state = {};
    state.q.resize(count);
    state.dq.resize(count);
    state.current.resize(count);
    std::int64_t oldest = bus_.clock();
    for (std::size_t i = 0; i < bus_.size(); ++i) {
      bus_.joint(i).sense(reading(i), config_.period, static_cast<Eigen::Index>(i), state);
      oldest = std::min(oldest, bus_.joint(i).sound_at());
    }
    report_temperatures(state);
    state.time = seconds(oldest - start_);
    state.sequence = sequence_++;
    publish();
  }

  void write(const HandCommand& command) override {
    if (power_ == Power::kHeld) return;
    if (command.limp && power_ == Power::kOn) power_ = Power::kLimp;
    if (!engaged()) return torque_.say_off();
    wake();
    const auto count = static_cast<Eigen::Index>(bus_.size());
    const bool fits = command.current.size() == count && command.torque.size() == count;
    const double part = config_.ramp > 0.0 ? std::min(since(ramp_from_) / config_.ramp, 1.0) : 1.0;
    bus_.tell([&](std::size_t i) {
      ServoJoint& joint = bus_.joint(i);
      const auto k = static_cast<Eigen::Index>(i);
      const bool blind = since(joint.sound_at()) > config_.blind_after;
      if (!fits || blind) return joint.rest();
      return joint.goal(part * command.current[k], part * command.torque[k]);
    });
    told_ = bus_.clock();
  }

  // Periods that have passed already are skipped, never made up for.
  bool advance() override {
    if (config_.health_every > 0 && ++ticks_ >= config_.health_every) {
      health_.ask_next();
      ticks_ = 0;
    }
    next_ += period_;
    if (const std::int64_t late = bus_.clock() - next_; late > 0) {
      next_ += (late + period_ - 1) / period_ * period_;
    }
    bus_.pass_until(next_);
    return !bus_.gone();
  }

 private:
  // Limp servos were told to let go, but not yet asked whether they did.
  enum class Power : std::uint8_t { kOff, kOn, kLimp, kHeld };

  static constexpr int kWakes = 3;  // in which one that is lost on its way is made up for

  // The first command of a run, and one after a long silence: watchdogs may have stopped servos,
  // which now would jump to full torque.
  void wake() {
    const bool silent = since(told_) > config_.rewake_after;
    if (silent) wakes_ = kWakes;
    if (silent || !ramping_) ramp_from_ = bus_.clock();
    ramping_ = true;
    if (wakes_ == 0) return;
    torque_.feed_watchdogs(true);
    --wakes_;
  }

  // All or none: one that is no number would be a fault.
  void report_temperatures(HandState& state) const {
    ActuatorVector celsius(static_cast<Eigen::Index>(bus_.size()));
    for (std::size_t i = 0; i < bus_.size(); ++i) {
      celsius[static_cast<Eigen::Index>(i)] = bus_.joint(i).health().temperature;
    }
    if (all_finite(celsius)) state.temperature = celsius;
  }

  void publish() {
    readings_.change([&](BusPlantReadings& all) {
      all.engaged = engaged();
      all.count = bus_.size();
      for (std::size_t i = 0; i < bus_.size(); ++i) {
        const std::int64_t sound = bus_.joint(i).sound_at();
        all.drive[i] = {reading(i).outcome, reading(i).alarms,
                        sound > 0 ? since(sound) : DriveReading().age, bus_.joint(i).health(),
                        bus_.joint(i).allowance()};
      }
    });
  }

  static const BusPlantConfig& checked(const BusPlantConfig& config) {
    if (!(config.derating.half_at > config.derating.full_until)) {
      throw std::invalid_argument("derating.half_at must be above derating.full_until");
    }
    if (!(config.derating.recovery > 0.0)) {
      throw std::invalid_argument("derating.recovery must be > 0");
    }
    return config;
  }

  static std::int64_t whole_ns(double seconds) {
    if (!(seconds > 0.0)) throw std::invalid_argument("the period must be > 0");
    return std::llround(1e9 * seconds);
  }
  static double seconds(std::int64_t ns) { return 1e-9 * static_cast<double>(ns); }
  double since(std::int64_t time) const { return seconds(bus_.clock() - time); }  // [s]

  HandBus bus_;
  TorqueSwitch torque_;
  BusHealth health_;
  BusPlantConfig config_;
  std::int64_t period_, start_ = 0, next_ = 0;  // [ns]
  std::int64_t told_ = 0, ramp_from_ = 0;       // [ns]
  std::uint64_t sequence_ = 0;
  int ticks_ = 0;  // since a servo was asked for its health
  int wakes_ = 0;  // to come
  Power power_;
  bool ramping_ = false;
  Published<BusPlantReadings> readings_;
};

}  // namespace handloop::bus
