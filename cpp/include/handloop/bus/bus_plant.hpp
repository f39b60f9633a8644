// The hand on its servos: one servo per joint, on one line or several.
//
// A joint's angle is (servo angle - zero) / ratio, its torque ratio times the servo's; a negative
// ratio turns the servo the other way. What a servo is told depends on what it understands:
//   current            the current that the motor stage asks for
//   current, position  the same as a bound on the current towards a goal far ahead in its direction
//   position           a goal ahead of the joint by torque / stiffness (Hogan 1985, read backwards)
//
// A sample is as old as the oldest reading in it, so a servo that falls silent makes the sample
// stale, and the controller's safety takes the hand to HOLD and LIMP on its own clock.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "handloop/bus/line.hpp"
#include "handloop/bus/raw_field.hpp"
#include "handloop/plant.hpp"

namespace handloop::bus {

enum class ServoMode : std::uint8_t { kCurrent, kCurrentPosition, kPosition };

struct ServoDrive {
  std::uint8_t id = 0;
  int line = 0;
  ServoMode mode = ServoMode::kCurrent;
  double ratio = 1.0;          // servo angle per joint angle
  double zero = 0.0;           // [rad], servo angle where the joint is at zero
  double current_limit = 0.0;  // [A]
  double stiffness = 0.0;  // [N m/rad], of the joint, with which a position servo holds its goal
  double lead = 0.35;      // [rad], how far ahead of the joint a goal may be
  Registers read, write;   // the blocks of every cycle; `write` with what it says at first
  RawField position, velocity, current, temperature;  // in what is read
  RawField goal_position, goal_current;               // in what is written
  double position_unit = 0.0, velocity_unit = 0.0;    // [rad], [rad/s] of the servo, per raw unit
  double current_unit = 0.0, temperature_unit = 1.0;  // [A], [deg C]
};

struct BusPlantConfig {
  double period = 0.002;       // [s], between two ticks
  double ramp = 0.5;           // [s], in which torque grows from nothing after a start
  double blind_after = 0.010;  // [s], without an answer, until a servo is told to let go
};

class BusPlant final : public Plant {
 public:
  // Lines must outlive the plant. Throws std::invalid_argument where drives and lines do not fit.
  BusPlant(std::vector<Line*> lines, const std::vector<ServoDrive>& drives,
           const BusPlantConfig& config)
      : lines_(std::move(lines)), config_(config), period_(whole_ns(config.period)) {
    if (lines_.empty() || drives.empty() || drives.size() > kMaxJoints) {
      throw std::invalid_argument("a hand on a bus has a line and 1 to 32 servos");
    }
    for (const ServoDrive& drive : drives) joints_.push_back(Joint(drive, lines_.size()));
    for (std::size_t l = 0; l < lines_.size(); ++l) {
      std::vector<Registers> reads;
      for (Joint& joint : joints_) {
        if (joint.line() != l) continue;
        joint.place = reads.size();
        reads.push_back(joint.drive.read);
      }
      if (reads.empty()) throw std::invalid_argument("a line has no servo of the hand");
      groups_.push_back(std::make_unique<Group>(reads));
    }
    start();
  }

  double now() const override { return seconds(clock() - start_); }
  const Reading& reading(std::size_t i) const {
    return groups_[joints_[i].line()]->reading(joints_[i].place);
  }

  // A run begins: time is zero, and torque grows from nothing again.
  void start() {
    start_ = next_ = clock();
    sequence_ = 0;
    gone_ = false;
  }

  void read(HandState& state) override {
    // All lines speak before any is listened to, so that their servos answer at the same time.
    for (std::size_t l = 0; l < lines_.size(); ++l) lines_[l]->begin(*groups_[l]);
    for (std::size_t l = 0; l < lines_.size(); ++l) lines_[l]->finish(*groups_[l]);
    state = {};
    state.q.resize(count());
    state.dq.resize(count());
    state.current.resize(count());
    state.temperature.resize(joints_[0].drive.temperature.size > 0 ? count() : 0);
    std::int64_t oldest = clock();
    for (std::size_t i = 0; i < joints_.size(); ++i) {
      const Reading& answer = reading(i);
      joints_[i].sense(answer, static_cast<Eigen::Index>(i), state);
      oldest = std::min(oldest, answer.time);
      gone_ = gone_ || answer.outcome == Outcome::kGone;
    }
    state.time = seconds(oldest - start_);
    state.sequence = sequence_++;
  }

  void write(const HandCommand& command) override {
    const bool fits = command.current.size() == count() && command.torque.size() == count();
    const double part = config_.ramp > 0.0 ? std::min(now() / config_.ramp, 1.0) : 1.0;
    for (std::size_t l = 0; l < lines_.size(); ++l) {
      std::array<Registers, kMaxServos> goals;
      std::size_t told = 0;
      for (std::size_t i = 0; i < joints_.size(); ++i) {
        if (joints_[i].line() != l) continue;
        const bool blind = seconds(clock() - reading(i).time) > config_.blind_after;
        const auto k = static_cast<Eigen::Index>(i);
        goals[told++] = fits && !blind
                            ? joints_[i].goal(part * command.current[k], part * command.torque[k])
                            : joints_[i].goal(0.0, 0.0);
      }
      const Bytes request = lines_[l]->protocol().group_write({goals.data(), told});
      gone_ = !lines_[l]->tell(request) || gone_;
    }
  }

  bool advance() override {
    next_ += period_;
    for (Line* line : lines_) line->wire().pass_until(next_);
    return !gone_;
  }

 private:
  struct Joint {
    ServoDrive drive;
    std::size_t place = 0;  // in the group of its line
    double q = 0.0;         // [rad], at the last sample
    std::array<std::uint8_t, kMaxBlock> block{};

    Joint(const ServoDrive& d, std::size_t lines) : drive(d) {
      check(lines);
      drive.read.id = drive.write.id = d.id;
      std::copy(d.write.data.begin(), d.write.data.end(), block.begin());
      drive.write.data = {};
    }
    std::size_t line() const { return static_cast<std::size_t>(drive.line); }

    void check(std::size_t lines) const {
      const std::string servo = "servo " + std::to_string(drive.id);
      const auto demand = [&](bool kept, const char* what) {
        if (!kept) throw std::invalid_argument(servo + what);
      };
      demand(drive.line >= 0 && line() < lines, ": there is no such line");
      demand(std::isfinite(drive.ratio) && drive.ratio != 0.0, ": ratio must not be 0");
      demand(std::isfinite(drive.zero), ": zero must be a number");
      demand(drive.position.size > 0 && drive.position_unit > 0.0, ": position must be read");
      demand(drive.write.size > 0 && drive.write.size <= kMaxBlock, ": writes 1 to 64 bytes");
      demand(drive.write.data.size() == drive.write.size, ": give the data that are written");
      const bool pushed = drive.mode == ServoMode::kPosition;
      demand(pushed || (drive.goal_current.size > 0 && drive.current_unit > 0.0),
             ": has no goal current; use position mode");
      demand(pushed || drive.current_limit > 0.0, ": current_limit must be > 0");
      demand(!pushed || drive.stiffness > 0.0, ": stiffness must be > 0 in position mode");
      demand(drive.mode == ServoMode::kCurrent || drive.goal_position.size > 0,
             ": has no goal position");
      for (const RawField* f :
           {&drive.position, &drive.velocity, &drive.current, &drive.temperature}) {
        demand(f->offset + f->size <= drive.read.size, ": a field is not in what is read");
      }
      for (const RawField* f : {&drive.goal_position, &drive.goal_current}) {
        demand(f->offset + f->size <= drive.write.size, ": a goal is not in what is written");
      }
    }

    // What was never answered is no number, which the controller's safety knows what to do with.
    void sense(const Reading& answer, Eigen::Index k, HandState& state) {
      const double known = answer.time > 0 ? 1.0 : std::numeric_limits<double>::quiet_NaN();
      const Bytes data(answer.data);
      const auto value = [&](const RawField& f, double unit) {
        return known * unit * static_cast<double>(decode(f, data));
      };
      state.q[k] = q = (value(drive.position, drive.position_unit) - drive.zero) / drive.ratio;
      state.dq[k] = value(drive.velocity, drive.velocity_unit) / drive.ratio;
      state.current[k] = std::copysign(1.0, drive.ratio) * value(drive.current, drive.current_unit);
      if (state.temperature.size() > 0) {
        state.temperature[k] = value(drive.temperature, drive.temperature_unit);
      }
    }

    // `amps` and `torque` are the joint's way round; what is no number is nothing.
    Registers goal(double amps, double torque) {
      amps =
          std::isfinite(amps) ? std::clamp(amps, -drive.current_limit, drive.current_limit) : 0.0;
      torque = std::isfinite(torque) ? torque : 0.0;
      switch (drive.mode) {
        case ServoMode::kCurrent:
          put(drive.goal_current, std::copysign(1.0, drive.ratio) * amps / drive.current_unit);
          break;
        case ServoMode::kCurrentPosition:
          put(drive.goal_current, std::abs(amps) / drive.current_unit);
          put_angle(amps == 0.0 ? 0.0 : std::copysign(drive.lead, amps));
          break;
        case ServoMode::kPosition:
          put_angle(std::clamp(torque / drive.stiffness, -drive.lead, drive.lead));
          break;
      }
      Registers registers = drive.write;
      registers.data = Bytes(block).first(drive.write.size);
      return registers;
    }

    void put_angle(double ahead) {
      if (!std::isfinite(q)) return;  // the goal stays what it was
      put(drive.goal_position, (drive.ratio * (q + ahead) + drive.zero) / drive.position_unit);
    }
    // Cut off rather than rounded: never more than was asked for.
    void put(const RawField& f, double raw) { encode(f, static_cast<std::int64_t>(raw), block); }
  };

  static std::int64_t whole_ns(double seconds) {
    if (!(seconds > 0.0)) throw std::invalid_argument("the period must be > 0");
    return std::llround(1e9 * seconds);
  }
  static double seconds(std::int64_t ns) { return 1e-9 * static_cast<double>(ns); }
  std::int64_t clock() const { return lines_[0]->wire().now(); }
  Eigen::Index count() const { return static_cast<Eigen::Index>(joints_.size()); }

  std::vector<Line*> lines_;
  std::vector<Joint> joints_;
  std::vector<std::unique_ptr<Group>> groups_;
  BusPlantConfig config_;
  std::int64_t period_, start_ = 0, next_ = 0;  // [ns]
  std::uint64_t sequence_ = 0;
  bool gone_ = false;
};

}  // namespace handloop::bus
